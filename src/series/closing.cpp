#include "series/closing.hpp"

#include "base/assert.hpp"
#include "series/chunk.hpp"
#include "series/times.hpp"

namespace salus::series {

Closing::Closing(std::string open, std::size_t lowest)
    : lowest_(lowest), kept_(std::make_shared<const std::string>(std::move(open))) {}

void Closing::finish() {
  std::call_once(once_, [this] { code(); });
}

// A wave stays packed; of single samples the shorter of vitals and version 1 is kept.
void Closing::code() {
  Columns columns;
  SALUS_ASSERT(decode_columns(*kept_, columns).has_value());
  if (form_of(*kept_) == ChunkForm::version_1) {
    const std::vector<std::int64_t> times = std::move(columns.times);
    columns.times.clear();
    columns.runs = runs_of(times, columns.times);
    std::string vitals = encode_chunk(columns, ChunkForm::vitals);
    if (vitals.size() < kept_->size()) kept_ = std::make_shared<const std::string>(std::move(vitals));
  }
  for (std::size_t level = lowest_; level < levels; ++level) add_cells(columns, cell_ns[level], cells_[level]);
}

}  // namespace salus::series
