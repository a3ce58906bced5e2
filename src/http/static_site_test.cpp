#include "http/static_site.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "http/gzip.hpp"
#include "http/target.hpp"

namespace salus::http {
namespace {

namespace fs = std::filesystem;

class Site : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder / "assets");
    write("index.html", "<!doctype html>" + std::string(2000, ' '));
    write("assets/app-1a2b.js", std::string(5000, 'x'));
    write("logo.png", "png");
    fs::create_symlink("/etc/passwd", folder / "passwd");
  }
  void TearDown() override { fs::remove_all(folder); }
  void write(const std::string& name, const std::string& content) { std::ofstream(folder / name) << content; }
  static Request request(const std::string& path, Fields headers = {}) {
    Target target = parse_target(path).value();
    return {.target = path,
            .segments = target.segments,
            .trailing_slash = target.trailing_slash,
            .params = {},
            .queries = {},
            .headers = std::move(headers),
            .body = {},
            .peer = {},
            .caller = {}};
  }

  fs::path folder = fs::temp_directory_path() / ("salus_site_" + std::to_string(::getpid()));
};

TEST_F(Site, ServesFilesPagesAndNothingElse) {
  const StaticSite site = StaticSite::load(folder).value();
  const Fields browser{{"accept", "text/html,*/*"}};
  EXPECT_EQ(site.file_count(), 3U) << "links are not followed";
  for (const auto& [path, headers, status] :
       std::vector<std::tuple<std::string, Fields, int>>{{"/", {}, 200},
                                                         {"/logo.png", {}, 200},
                                                         {"/assets/app-1a2b.js", {}, 200},
                                                         {"/ward/B01", browser, 200},
                                                         {"/ward/B01", {}, 404},
                                                         {"/missing.js", browser, 404},
                                                         {"/api/missing", browser, 404},
                                                         {"/passwd", {}, 404}})
    EXPECT_EQ(site.answer(request(path, headers)).status, status) << path;
}

TEST_F(Site, KnowsWhatTheClientHas) {
  const StaticSite site = StaticSite::load(folder).value();
  const Response first = site.answer(request("/assets/app-1a2b.js", {{"accept-encoding", "br, gzip"}}));
  EXPECT_EQ(first.header("Content-Encoding"), "gzip");
  EXPECT_NE(first.header("Cache-Control").find("immutable"), std::string_view::npos);
  EXPECT_EQ(gunzip(*std::get<std::shared_ptr<const std::string>>(first.body), {}).value(), std::string(5000, 'x'));
  const std::string tag{first.header("ETag")};
  EXPECT_EQ(site.answer(request("/assets/app-1a2b.js", {{"if-none-match", tag}})).status, 304);
  EXPECT_EQ(site.answer(request("/logo.png", {{"if-none-match", tag}})).status, 200);
  EXPECT_EQ(site.answer(request("/assets/app-1a2b.js", {{"accept-encoding", "gzip;q=0"}})).header("Content-Encoding"),
            "");
}

TEST_F(Site, RefusesTooMuch) {
  EXPECT_EQ(StaticSite::load(folder, {.bytes_max = 100}).error().code, ErrorCode::too_large);
  EXPECT_EQ(StaticSite::load(folder / "none").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace salus::http
