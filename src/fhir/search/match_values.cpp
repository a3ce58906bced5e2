// Dates, numbers and quantities: what a resource says is an interval, and so is what is asked.
//
// R4, 3.1.1.4.5 (Prefixes), with the resource's [rs, re) and the query's [qs, qe):
//   eq  the query contains the resource: qs <= rs and re <= qe      ne  it does not
//   gt  something of the resource lies above: re > qe               lt  below: rs < qs
//   ge  gt or eq                                                    le  lt or eq
//   sa  all of it lies above: rs >= qe                              eb  below: re <= qs
//   ap  they overlap, with the query widened by a tenth (of the time between it and now; of the number)
#include <algorithm>

#include "fhir/path/unit.hpp"
#include "fhir/search/encoding.hpp"
#include "fhir/search/match.hpp"
#include "fhir/search/values.hpp"
#include "view/table.hpp"

namespace salus::fhir::search {
namespace {

using path::Decimal;

std::string time_bytes(std::int64_t microseconds) {
  std::string out;
  put_time(out, microseconds);
  return out;
}

std::int64_t earlier(std::int64_t at, std::int64_t by) {
  return at < Interval::first + by ? Interval::first : at - by;
}

bool holds(Prefix prefix, const Interval& r, const Interval& q) {
  const bool inside = q.start <= r.start && r.end <= q.end;
  switch (prefix) {
    case Prefix::eq:
      return inside;
    case Prefix::ne:
      return !inside;
    case Prefix::gt:
      return r.end > q.end;
    case Prefix::lt:
      return r.start < q.start;
    case Prefix::ge:
      return r.end > q.end || inside;
    case Prefix::le:
      return r.start < q.start || inside;
    case Prefix::sa:
      return r.start >= q.end;
    case Prefix::eb:
      return r.end <= q.start;
    case Prefix::ap:
      return r.start < q.end && r.end > q.start;
  }
  return false;
}

// "ge2024-03" and "lt5.4" taken apart.
struct Compared {
  Prefix prefix;
  std::string value;
};
Result<Compared> compared(const Ask& ask, std::string_view value, std::string_view kind) {
  if (!ask.modifier.empty()) return refuse_modifier(ask, fmt::format("a {} has :missing", kind));
  const std::string text = unescape(value);
  std::string_view rest = text;
  const Prefix prefix = take_prefix(rest);
  return Compared{prefix, std::string(rest)};
}

}  // namespace

Result<std::vector<Scan>> date_scans(const Ask& ask) {
  const auto said = compared(ask, ask.value, "date");
  if (!said) return fail(said.error());
  const Prefix prefix = said->prefix;
  auto asked = interval_of(said->value);
  if (!asked)
    return fail(ErrorCode::invalid, "Parameter '{}': not a date; YYYY, YYYY-MM, YYYY-MM-DD or a time with its zone is.",
                ask.name);
  if (prefix == Prefix::ap) {
    const std::int64_t now = interval_of(ask.now).start;
    const std::int64_t tenth = (now > asked->end ? now - asked->end : now < asked->start ? asked->start - now : 0) / 10;
    asked->start -= tenth;
    asked->end += tenth;
  }
  const Interval q = *asked;
  Scan starts{.list = ask.parameter.list()};
  starts.accept = [prefix, q](ByteView value) {
    Interval r;
    r.start = take_time(value);
    r.end = take_time(value);
    return holds(prefix, r, q);
  };
  Scan ends{.list = ask.parameter.list(Facet::end)};
  ends.accept = [prefix, q](ByteView value) {
    Interval r;
    r.end = take_time(value);
    r.start = take_time(value);
    return holds(prefix, r, q);
  };
  bool by_end = false;  // long intervals that began before what `starts` looks at
  switch (prefix) {
    case Prefix::eq:
      starts.from = time_bytes(q.start);
      starts.to = time_bytes(q.end);
      break;
    case Prefix::ne:
      break;
    case Prefix::gt:
    case Prefix::ge:
      starts.from = time_bytes(std::min(prefix == Prefix::ge ? q.start : q.end, earlier(q.end, short_interval_us)));
      ends.from = time_bytes(q.end);
      by_end = true;
      break;
    case Prefix::lt:
    case Prefix::eb:
      starts.to = time_bytes(q.start);
      break;
    case Prefix::le:
      starts.to = time_bytes(q.end);
      break;
    case Prefix::sa:
      starts.from = time_bytes(q.end);
      break;
    case Prefix::ap:
      starts.from = time_bytes(earlier(q.start, short_interval_us));
      starts.to = time_bytes(q.end);
      ends.from = time_bytes(q.start);
      by_end = true;
      break;
  }
  std::vector<Scan> scans{std::move(starts)};
  if (by_end) scans.push_back(std::move(ends));
  return scans;
}

namespace {

// What a number means: from low to below high for eq, ne and ap; its exact value for the rest.
struct Asked {
  Prefix prefix = Prefix::eq;
  Decimal value, low, high;
};

// 100 is [99.5, 100.5), 5.40 is [5.395, 5.405), 5.40e-3 is [0.005395, 0.005405). 1e2 is [95, 105), as R4 has it.
std::optional<Asked> number_of(std::string_view text) {
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  const auto value = Decimal::parse(text);
  if (!value) return std::nullopt;
  int exponent = 0;
  for (const char c : text.substr(std::min(e + 1, text.size())))
    if (c >= '0' && c <= '9') exponent = std::min(100, exponent * 10 + (c - '0'));
  if (e + 1 < text.size() && text[e + 1] == '-') exponent = -exponent;
  const std::size_t point = text.substr(0, e).find('.');
  const int fraction = point == std::string_view::npos ? 0 : static_cast<int>(e - point - 1);
  int unit = exponent - fraction;  // the last digit stands for 10^unit
  if (fraction == 0 && exponent > 0) --unit;
  const int half = unit - 1;  // 5 × 10^half
  if (half > 30 || half < -37) return std::nullopt;
  Decimal::Wide coefficient = 5;
  for (int i = 0; i < half; ++i) coefficient *= 10;
  const Decimal by{coefficient, half < 0 ? -half : 0};
  const auto low = add(*value, by.negated()), high = add(*value, by);
  if (!low || !high) return std::nullopt;
  return Asked{.value = *value, .low = *low, .high = *high};
}

void widen(Asked& asked) {
  const auto tenth = multiply(asked.value.abs(), Decimal{1, 1});
  if (!tenth) return;
  if (const auto low = add(asked.value, tenth->negated()); low && compare(*low, asked.low) < 0) asked.low = *low;
  if (const auto high = add(asked.value, *tenth); high && compare(*high, asked.high) > 0) asked.high = *high;
}

Result<Asked> asked_number(const Ask& ask, std::string_view value, std::string_view kind) {
  const auto said = compared(ask, value, kind);
  if (!said) return fail(said.error());
  auto asked = number_of(said->value);
  if (!asked) return fail(ErrorCode::invalid, "Parameter '{}': not a number.", ask.name);
  asked->prefix = said->prefix;
  if (asked->prefix == Prefix::ap) widen(*asked);
  return *asked;
}

std::string decimal_bytes(const Decimal& value) {
  std::string out;
  put_decimal(out, value);
  return out;
}

// Compares encoded bounds. `point`: the exact value; [low, high): what it may mean.
struct Numbers {
  Prefix prefix;
  std::string point, low, high;

  bool holds(ByteView r_low, ByteView r_high) const {
    const bool inside = r_low >= low && (r_high < high);
    switch (prefix) {
      case Prefix::eq:
        return inside;
      case Prefix::ne:
        return !inside;
      case Prefix::gt:
        return r_high > point;
      case Prefix::lt:
        return r_low < point;
      case Prefix::ge:
        return r_high >= point;
      case Prefix::le:
        return r_low <= point;
      case Prefix::sa:
        return r_low > point;
      case Prefix::eb:
        return r_high < point;
      case Prefix::ap:
        return r_low <= high && r_high >= low;
    }
    return false;
  }
};

using Rest = std::function<bool(ByteView)>;  // what follows the two bounds

// By the lower bound, and by the upper one where intervals may reach in from below. `head` stands before both.
std::vector<Scan> number_scans(ListId list, ListId by_end, const std::string& head, const Numbers& n,
                               const Rest& rest) {
  Scan lows{.list = list};
  lows.accept = [n, rest, head](ByteView value) {
    if (!value.starts_with(head)) return false;
    value.remove_prefix(head.size());
    const ByteView low = take_decimal(value), high = take_decimal(value);
    return n.holds(low, high) && (!rest || rest(value));
  };
  Scan highs{.list = by_end};
  highs.accept = [n, rest, head](ByteView value) {
    if (!value.starts_with(head)) return false;
    value.remove_prefix(head.size());
    const ByteView high = take_decimal(value), low = take_decimal(value);
    return n.holds(low, high) && (!rest || rest(value));
  };
  lows.from = highs.from = head;
  lows.to = highs.to = view::after_prefix(head);
  bool use_ends = false;
  switch (n.prefix) {
    case Prefix::eq:
      lows.from += n.low;
      lows.to = head + n.high;
      break;
    case Prefix::ne:
      break;
    case Prefix::gt:
    case Prefix::ge:
    case Prefix::sa:
      lows.from += n.point;
      highs.from += n.point;
      use_ends = n.prefix != Prefix::sa;
      break;
    case Prefix::lt:
    case Prefix::eb:
      lows.to = head + n.point;
      break;
    case Prefix::le:
      lows.to = view::after_prefix(head + n.point);
      break;
    case Prefix::ap:
      lows.from += n.low;
      lows.to = view::after_prefix(head + n.high);
      highs.from += n.low;
      use_ends = true;
      break;
  }
  std::vector<Scan> scans{std::move(lows)};
  if (use_ends) scans.push_back(std::move(highs));
  return scans;
}

Numbers bytes_of(const Asked& asked) {
  return {asked.prefix, decimal_bytes(asked.value), decimal_bytes(asked.low), decimal_bytes(asked.high)};
}

}  // namespace

Result<std::vector<Scan>> number_scans(const Ask& ask) {
  const auto asked = asked_number(ask, ask.value, "number");
  if (!asked) return fail(asked.error());
  return number_scans(ask.parameter.list(), ask.parameter.list(Facet::end), "", bytes_of(*asked), nullptr);
}

Result<std::vector<Scan>> quantity_scans(const Ask& ask) {
  const auto parts = split(ask.value, '|');
  const auto asked = asked_number(ask, parts[0], "quantity");
  if (!ask.modifier.empty()) return fail(asked.error());
  if (parts.size() != 1 && parts.size() != 3)
    return fail(ErrorCode::invalid, "Parameter '{}': a quantity is 'number', 'number|system|code' or 'number||unit'.",
                ask.name);
  if (!asked) return fail(asked.error());
  const Parameter& p = ask.parameter;
  const std::string system = parts.size() == 3 ? unescape(parts[1]) : "",
                    code = parts.size() == 3 ? unescape(parts[2]) : "";
  if (system == ucum_system && !code.empty())
    if (const auto unit = canonical_unit(code)) {
      const auto value = to_canonical(asked->value, *unit), low = to_canonical(asked->low, *unit),
                 high = to_canonical(asked->high, *unit);
      if (value && low && high)
        return number_scans(p.list(Facet::canonical), p.list(Facet::canonical_end), unit->dimension,
                            bytes_of({asked->prefix, *value, *low, *high}), nullptr);
    }
  Rest unit_matches;
  if (!system.empty() || !code.empty())
    unit_matches = [system, code](ByteView value) {
      const ByteView its_code = take_text(value), its_system = take_text(value), its_unit = take_text(value);
      if (!system.empty() && its_system != system) return false;
      return code.empty() || its_code == code || (system.empty() && its_unit == code);
    };
  return number_scans(p.list(), p.list(Facet::end), "", bytes_of(*asked), unit_matches);
}

}  // namespace salus::fhir::search
