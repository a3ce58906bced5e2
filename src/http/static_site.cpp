#include "http/static_site.hpp"

#include <fstream>

#include "base/digest.hpp"
#include "http/gzip.hpp"

namespace salus::http {
namespace {

namespace fs = std::filesystem;

struct TypeOf {
  std::string_view extension;
  std::string_view type;
  bool is_text;
};
constexpr TypeOf kTypes[] = {{".html", "text/html; charset=utf-8", true},
                             {".js", "text/javascript; charset=utf-8", true},
                             {".mjs", "text/javascript; charset=utf-8", true},
                             {".css", "text/css; charset=utf-8", true},
                             {".json", "application/json", true},
                             {".map", "application/json", true},
                             {".webmanifest", "application/manifest+json", true},
                             {".svg", "image/svg+xml", true},
                             {".txt", "text/plain; charset=utf-8", true},
                             {".png", "image/png", false},
                             {".jpg", "image/jpeg", false},
                             {".webp", "image/webp", false},
                             {".ico", "image/x-icon", false},
                             {".woff2", "font/woff2", false},
                             {".wasm", "application/wasm", true},
                             {".mp3", "audio/mpeg", false},
                             {".wav", "audio/wav", false}};

TypeOf type_of(const fs::path& path) {
  const std::string extension = path.extension().string();
  for (const TypeOf& known : kTypes)
    if (known.extension == extension) return known;
  return {"", "application/octet-stream", false};
}

// Whether a header that lists things names `wanted`, alone or with parameters; "gzip;q=0" is a refusal.
bool accepts(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(item.size() + 1, list.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    const std::string_view label = item.substr(0, item.find_first_of("; "));
    if (label == wanted || label == "*")
      return item.find("q=0") == std::string_view::npos || item.find("q=0.") != std::string_view::npos;
  }
  return false;
}

std::string joined(const std::vector<std::string>& segments) {
  std::string path;
  for (const std::string& segment : segments) path += (path.empty() ? "" : "/") + segment;
  return path;
}

// A browser that opens a page of the console by its address.
bool asks_for_a_page(const Request& request) {
  if (request.header("accept").find("text/html") == std::string_view::npos) return false;
  if (request.segments.empty()) return true;
  const std::string& first = request.segments.front();
  if (first == "api" || first == "ws" || first == "assets") return false;
  return request.segments.back().find('.') == std::string::npos;
}

Response not_found() {
  return text_response(404, "text/html; charset=utf-8",
                       "<!doctype html><html lang=\"en\"><title>Not found</title><p>There is nothing at this address. "
                       "<a href=\"/\">To the ward</a></html>\n");
}

}  // namespace

Result<StaticSite::File> StaticSite::read(const fs::path& path, const std::string& name, std::size_t bytes) {
  std::ifstream stream(path, std::ios::binary);
  std::string content(bytes, '\0');
  if (!stream.read(content.data(), static_cast<std::streamsize>(bytes)))
    return fail(ErrorCode::damaged, "'{}' of the console cannot be read whole.", name);
  const TypeOf type = type_of(path);
  File file{.type = std::string(type.type),
            .tag = '"' + to_base64url(view_of(sha256(content)).substr(0, 16)) + '"',
            .plain = {},
            .packed = {},
            .immutable = name.starts_with("assets/")};
  if (type.is_text && content.size() > 512) {
    std::string packed = gzip(content);
    if (packed.size() < content.size() * 9 / 10) file.packed = std::make_shared<const std::string>(std::move(packed));
  }
  file.plain = std::make_shared<const std::string>(std::move(content));
  return file;
}

Result<StaticSite> StaticSite::load(const fs::path& folder, SiteLimits limits) {
  StaticSite site;
  std::size_t bytes = 0;
  std::error_code ec;
  fs::recursive_directory_iterator at(folder, ec);
  if (ec)
    return fail(ErrorCode::not_found, "The console's folder '{}' cannot be read: {}.", folder.string(), ec.message());
  for (; at != fs::recursive_directory_iterator(); at.increment(ec)) {
    if (ec) return fail(ErrorCode::damaged, "The console's folder cannot be read whole: {}.", ec.message());
    if (at->is_symlink(ec) || !at->is_regular_file(ec)) continue;
    const std::string name = at->path().lexically_relative(folder).generic_string();
    const std::size_t size = at->file_size(ec);
    if (ec) return fail(ErrorCode::damaged, "'{}' of the console cannot be read.", name);
    bytes += size;
    if (bytes > limits.bytes_max || site.files_.size() == limits.files_max)
      return fail(ErrorCode::too_large, "The console has more than {} bytes or {} files.", limits.bytes_max,
                  limits.files_max);
    Result<File> file = read(at->path(), name, size);
    if (!file) return fail(std::move(file.error()));
    site.files_.emplace(name, std::move(*file));
  }
  return site;
}

const StaticSite::File* StaticSite::find(const Request& request) const {
  const auto exact = files_.find(joined(request.segments));
  if (exact != files_.end() && !request.trailing_slash) return &exact->second;
  if (!asks_for_a_page(request) && !request.segments.empty()) return nullptr;
  const auto index = files_.find("index.html");
  return index == files_.end() ? nullptr : &index->second;
}

Response StaticSite::answer(const Request& request) const {
  const File* file = find(request);
  if (file == nullptr) {
    const bool page = request.header("accept").find("text/html") != std::string_view::npos;
    return page ? not_found()
                : problem(404, "not_found", "Nothing is at this path; GET /api/openapi.json lists what is.");
  }
  Response response;
  response.set("ETag", file->tag);
  response.set("Cache-Control", file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (file->packed) response.set("Vary", "Accept-Encoding");
  const std::string_view known = request.header("if-none-match");
  if (known.find(file->tag) != std::string_view::npos || known == "*") {
    response.status = 304;
    return response;
  }
  response.set("Content-Type", file->type);
  const bool packed = file->packed && accepts(request.header("accept-encoding"), "gzip");
  if (packed) response.set("Content-Encoding", "gzip");
  response.body = packed ? file->packed : file->plain;
  return response;
}

}  // namespace salus::http
