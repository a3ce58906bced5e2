#include "fhir/signals/signal_id.hpp"

#include <algorithm>
#include <charconv>

#include "base/digest.hpp"

namespace salus::fhir {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::string_view kByName = "signal.", kByDigest = "signal-x.";

bool is_plain(std::string_view device) {
  return !device.empty() && device.size() <= 24 && std::ranges::all_of(device, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Only as it would be written: no sign, no zero in front.
template <class Number>
bool read(std::string_view text, Number& out, int base = 10) {
  if (text.empty() || text.front() == '-' || (text.front() == '0' && text.size() > 1)) return false;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return ec == std::errc{} && end == text.data() + text.size() &&
         std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

std::string device_digest(std::string_view device) {
  return to_hex(view_of(sha256(device)).substr(0, 8));
}

std::string signal_id(const SignalCell& cell) {
  const SignalStretch& stretch = *cell.stretch;
  const bool plain = is_plain(stretch.device);
  std::string id =
      fmt::format("{}{}.{}.{}.{}", plain ? kByName : kByDigest, plain ? stretch.device : device_digest(stretch.device),
                  stretch.mdc, cell.start_ns / kSecond, cell.cell_ns / kSecond);
  const std::int64_t part_ns = cell.from_ns() - cell.start_ns;
  if (part_ns == 0) return id;
  char digits[16];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), part_ns, 36).ptr;
  return id.append(1, '.').append(digits, end);
}

std::optional<SignalName> signal_name(std::string_view id) {
  SignalName name;
  name.is_digest = id.starts_with(kByDigest);
  if (!name.is_digest && !id.starts_with(kByName)) return std::nullopt;
  id.remove_prefix(name.is_digest ? kByDigest.size() : kByName.size());
  std::string_view parts[5];
  std::size_t count = 0;
  for (bool more = true; more; ++count) {
    if (count == std::size(parts)) return std::nullopt;
    const std::size_t dot = id.find('.');
    more = dot != std::string_view::npos;
    parts[count] = id.substr(0, dot);
    if (more) id.remove_prefix(dot + 1);
  }
  if (count < 4) return std::nullopt;
  const bool is_hex = parts[0].size() == 16 && parts[0].find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (name.is_digest ? !is_hex : !is_plain(parts[0])) return std::nullopt;
  name.device = parts[0];
  std::int64_t start_s = 0, cell_s = 0;
  if (!read(parts[1], name.mdc) || !read(parts[2], start_s) || !read(parts[3], cell_s)) return std::nullopt;
  constexpr std::int64_t start_s_max = 7'258'118'400;  // the year 2200
  if (std::ranges::find(signal_seconds, parts[3]) == std::end(signal_seconds) || start_s > start_s_max ||
      start_s % cell_s != 0)
    return std::nullopt;
  name.start_ns = start_s * kSecond;
  name.cell_ns = cell_s * kSecond;
  if (count == 5 && (!read(parts[4], name.part_ns, 36) || name.part_ns <= 0 || name.part_ns >= name.cell_ns))
    return std::nullopt;
  return name;
}

}  // namespace salus::fhir
