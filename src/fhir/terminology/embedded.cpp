#include "fhir/terminology/embedded.hpp"

#include <algorithm>
#include <span>

#include "base/assert.hpp"
#include "fhir/document/json.hpp"
#include "http/gzip.hpp"

__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    "salus_fhir_terminology_begin:\n"
    ".incbin \"" SALUS_FHIR_TERMINOLOGY
    "\"\n"
    "salus_fhir_terminology_end:\n"
    ".text\n");

extern "C" const char salus_fhir_terminology_begin[];
extern "C" const char salus_fhir_terminology_end[];

namespace salus::fhir::terminology {
namespace {

constexpr std::uint32_t magic = 0x54535431;

struct Row {
  std::uint32_t kind, url_at, url_size, block, at, size;
};
struct Block {
  std::uint32_t at, size;
};

struct Table {
  std::span<const Row> rows;
  std::span<const Block> blocks;
  std::string_view urls;
  ByteView packed;

  std::string_view url(const Row& row) const { return urls.substr(row.url_at, row.url_size); }
};

Table read_table() {
  const char* begin = salus_fhir_terminology_begin;
  const auto* words = reinterpret_cast<const std::uint32_t*>(begin);
  SALUS_ASSERT(words[0] == magic);
  Table table;
  table.rows = {reinterpret_cast<const Row*>(words + 4), words[1]};
  table.blocks = {reinterpret_cast<const Block*>(words + 4 + 6 * std::size_t{words[1]}), words[2]};
  const char* urls = reinterpret_cast<const char*>(table.blocks.data() + table.blocks.size());
  table.urls = {urls, words[3]};
  table.packed = {urls + words[3], static_cast<std::size_t>(salus_fhir_terminology_end - urls) - words[3]};
  return table;
}

const Table& table() {
  static const Table held = read_table();
  return held;
}

Place place_of(const Row& row) {
  return {.key = fmt::format("r4/{}/{}", row.kind, table().url(row)), .read = [&row]() -> Result<Document> {
            const Block& block = table().blocks[row.block];
            const auto text = http::gunzip(table().packed.substr(block.at, block.size));
            if (!text) return fail(text.error());
            auto document = read_json(std::string_view{*text}.substr(row.at, row.size));
            if (!document) return fail(document.error().error());
            return std::move(*document);
          }};
}

}  // namespace

const EmbeddedSource& EmbeddedSource::r4() {
  static const EmbeddedSource source;
  return source;
}

std::size_t EmbeddedSource::size() const {
  return table().rows.size();
}

std::optional<Place> EmbeddedSource::find(Kind kind, std::string_view url, std::string_view) const {
  const auto key = [](const Row& row) { return std::pair{row.kind, table().url(row)}; };
  const std::pair wanted{static_cast<std::uint32_t>(kind), url};
  const auto at = std::ranges::lower_bound(table().rows, wanted, {}, key);
  if (at == table().rows.end() || key(*at) != wanted) return std::nullopt;
  return place_of(*at);
}

void EmbeddedSource::each(Kind kind, const std::function<bool(Place)>& visit) const {
  for (const Row& row : table().rows)
    if (row.kind == static_cast<std::uint32_t>(kind) && !visit(place_of(row))) return;
}

}  // namespace salus::fhir::terminology
