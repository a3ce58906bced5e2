#include "series/samples_binary.hpp"

#include <numeric>

namespace salus::series {
namespace {

constexpr std::uint8_t version = 1;
enum class Content : std::uint8_t { samples = 1, picture = 2 };

std::string begin(Content content, unsigned scale, std::string_view unit) {
  std::string out{"SR"};
  Writer writer{out};
  writer.put(version);
  writer.put(content);
  writer.put(static_cast<std::uint8_t>(scale));
  writer.put_string(unit);
  return out;
}

}  // namespace

std::string samples_binary(const Page& page, unsigned scale, std::string_view unit) {
  std::string out = begin(Content::samples, scale, unit);
  Writer writer{out};
  std::int64_t factor = 0, before = 0;
  for (const Sample& sample : page.samples) {
    factor = std::gcd(factor, sample.value - before);
    before = sample.value;
  }
  factor = factor == 0 ? 1 : factor;
  writer.put(page.next_ns.value_or(std::numeric_limits<std::int64_t>::min()));
  writer.put_varint(page.samples.size());
  writer.put_varint(static_cast<std::uint64_t>(factor));
  if (page.samples.empty()) return out;
  writer.put(page.samples.front().time_ns);
  std::int64_t time_ns = page.samples.front().time_ns, step_ns = 0;
  before = 0;
  for (const Sample& sample : page.samples) {
    writer.put_zigzag((sample.value - before) / factor);
    before = sample.value;
  }
  for (std::size_t i = 1; i < page.samples.size(); ++i) {
    const std::int64_t step = page.samples[i].time_ns - time_ns;
    writer.put_zigzag(step - step_ns);
    time_ns = page.samples[i].time_ns;
    step_ns = step;
  }
  return out;
}

Result<SamplesRead> read_samples_binary(ByteView bytes) {
  const auto refuse = [] {
    return fail(ErrorCode::invalid, "These are no samples in version 1 of their binary form.");
  };
  Reader reader{bytes};
  if (reader.get_bytes(2) != "SR" || reader.get<std::uint8_t>() != version || reader.get<Content>() != Content::samples)
    return refuse();
  SamplesRead out;
  out.scale = reader.get<std::uint8_t>();
  out.unit = reader.get_string();
  const auto next = reader.get<std::int64_t>();
  if (next != std::numeric_limits<std::int64_t>::min()) out.page.next_ns = next;
  const std::uint64_t count = reader.get_varint(), factor = reader.get_varint();
  // Each sample takes at least a byte for its value.
  if (reader.failed() || count > reader.remaining() || factor == 0 || factor > UINT32_MAX) return refuse();
  if (count == 0) return out;
  auto time_ns = reader.get<std::int64_t>();
  std::int64_t step_ns = 0;
  std::uint64_t value = 0;
  out.page.samples.resize(count);
  for (Sample& sample : out.page.samples) {
    value += static_cast<std::uint64_t>(reader.get_zigzag()) * factor;
    const auto whole = static_cast<std::int64_t>(value);
    if (whole < std::numeric_limits<Value>::min() || whole > std::numeric_limits<Value>::max()) return refuse();
    sample.value = static_cast<Value>(whole);
  }
  out.page.samples.front().time_ns = time_ns;
  for (std::size_t i = 1; i < count; ++i) {
    // Times ascend: the difference of two of them stays in 63 bits where neither is absurd.
    if (__builtin_add_overflow(step_ns, reader.get_zigzag(), &step_ns) || step_ns <= 0 ||
        __builtin_add_overflow(time_ns, step_ns, &time_ns))
      return refuse();
    out.page.samples[i].time_ns = time_ns;
  }
  if (reader.failed() || !reader.at_end()) return refuse();
  return out;
}

std::string picture_binary(const Picture& picture, unsigned scale, std::string_view unit) {
  std::string out = begin(Content::picture, scale, unit);
  Writer writer{out};
  writer.put(picture.start_ns);
  writer.put(picture.step_ns);
  writer.put_varint(picture.columns.size());
  std::uint32_t index = 0;
  std::int64_t low = 0;
  for (const Picture::Column& column : picture.columns) {
    writer.put_varint(column.index - index);
    writer.put_varint(column.count);
    writer.put_zigzag(column.min - low);
    writer.put_varint(static_cast<std::uint64_t>(std::int64_t{column.max} - column.min));
    index = column.index;
    low = column.min;
  }
  return out;
}

}  // namespace salus::series
