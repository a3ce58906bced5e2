#include "monitor/limit_defaults.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "device/unit.hpp"

namespace salus::monitor {
namespace {

// Where the numbers come from: named in the API beside each row, so that whoever signs them can look them up.
constexpr std::string_view sources[] = {
    // A medium row begins where NEWS2 gives three points for the vital alone.
    "NEWS2, Royal College of Physicians, 2017",
    // 50/120 and 40/130 enclose the heart rates for which NEWS2 gives three points.
    "Common defaults of bedside monitors; they enclose the three-point bands of NEWS2 (Royal College of Physicians, "
    "2017)",
    "Chosen for Salus: well beyond the three-point band of NEWS2 (Royal College of Physicians, 2017)",
    "NEWS2, Royal College of Physicians, 2017: medium at 5, high at 7",
    // One class from four weeks to adolescence: awake and asleep rates of the youngest and the oldest are enclosed.
    "Pediatric Advanced Life Support, American Heart Association, 2015: rates of infants to school age, awake and "
    "asleep",
    "Chosen for Salus: beyond every rate of Pediatric Advanced Life Support, American Heart Association, 2015",
    "Pediatric Advanced Life Support, American Heart Association, 2015: hypotension by age; upper limit chosen for "
    "Salus",
    "Pediatric Advanced Life Support, American Heart Association, 2015: rates of newborns, awake and asleep",
    "Thermal protection of the newborn, WHO, 1997: moderate hypothermia below 36.0; upper limit chosen for Salus",
    "Chosen for Salus: no agreed value",
};
enum Source : std::uint8_t {
  news2_band,
  rates,
  beyond,
  aggregate,
  pals_rates,
  pals_beyond,
  pals_pressure,
  pals_newborn,
  who_newborn,
  chosen
};

// Numbers are in tenths of the unit. Times in seconds.
struct Default {
  AgeClass age_class;  // unknown: the hospital's
  std::string_view code;
  Priority priority;
  std::int32_t low_tenths;  // `none` where there is no limit
  std::int32_t high_tenths;
  std::int64_t delay_s;
  std::int32_t hysteresis_tenths;
  Source source;
  std::int64_t end_delay_s = 0;
};
constexpr std::int32_t none = std::numeric_limits<std::int32_t>::min();
constexpr AgeClass all = AgeClass::unknown, child = AgeClass::child, neonate = AgeClass::neonate;
constexpr Priority high = Priority::high, medium = Priority::medium;

// For the hospital to sign, ward by ward.
constexpr Default defaults[] = {
    {all, "hr", high, 400, 1300, 5, 20, rates},
    {all, "hr", medium, 500, 1200, 10, 20, rates},
    {all, "pulse", high, 400, 1300, 5, 20, rates},
    {all, "pulse", medium, 500, 1200, 10, 20, rates},
    {all, "spo2", high, 860, none, 10, 10, beyond},
    {all, "spo2", medium, 920, none, 10, 10, news2_band},
    {all, "rr", high, 60, 350, 10, 10, beyond},
    {all, "rr", medium, 90, 240, 15, 10, news2_band},
    {all, "nibp_sys", high, 700, none, 0, 20, beyond},
    {all, "nibp_sys", medium, 910, 2190, 0, 20, news2_band},
    {all, "art_sys", high, 700, none, 10, 20, beyond},
    {all, "art_sys", medium, 910, 2190, 10, 20, news2_band},
    {all, "abp_sys", high, 700, none, 10, 20, beyond},
    {all, "abp_sys", medium, 910, 2190, 10, 20, news2_band},
    {all, "temp", medium, 351, 390, 30, 2, news2_band},
    {all, "temp_core", medium, 351, 390, 30, 2, news2_band},
    // A score that stands on a band's edge changes with every other sample: it counts once it has stayed for a minute,
    // and is over once it has been gone for one.
    {all, "news2", high, none, 60, 60, 0, aggregate, 60},
    {all, "news2", medium, none, 40, 60, 0, aggregate, 60},

    {child, "hr", high, 500, 2050, 5, 20, pals_beyond},
    {child, "hr", medium, 580, 1900, 10, 20, pals_rates},
    {child, "pulse", high, 500, 2050, 5, 20, pals_beyond},
    {child, "pulse", medium, 580, 1900, 10, 20, pals_rates},
    {child, "rr", high, 100, 600, 10, 10, pals_beyond},
    {child, "rr", medium, 120, 530, 15, 10, pals_rates},
    {child, "nibp_sys", high, 600, none, 0, 20, chosen},
    {child, "nibp_sys", medium, 700, 1310, 0, 20, pals_pressure},
    {child, "art_sys", high, 600, none, 10, 20, chosen},
    {child, "art_sys", medium, 700, 1310, 10, 20, pals_pressure},
    {child, "abp_sys", high, 600, none, 10, 20, chosen},
    {child, "abp_sys", medium, 700, 1310, 10, 20, pals_pressure},

    {neonate, "hr", high, 800, 2200, 5, 20, pals_beyond},
    {neonate, "hr", medium, 900, 2050, 10, 20, pals_newborn},
    {neonate, "pulse", high, 800, 2200, 5, 20, pals_beyond},
    {neonate, "pulse", medium, 900, 2050, 10, 20, pals_newborn},
    {neonate, "spo2", high, 850, none, 10, 10, chosen},
    {neonate, "spo2", medium, 900, none, 10, 10, chosen},
    {neonate, "rr", high, 200, 800, 10, 10, chosen},
    {neonate, "rr", medium, 300, 600, 15, 10, pals_newborn},
    {neonate, "nibp_sys", high, 500, none, 0, 20, chosen},
    {neonate, "nibp_sys", medium, 600, 1000, 0, 20, pals_pressure},
    {neonate, "art_sys", high, 500, none, 10, 20, chosen},
    {neonate, "art_sys", medium, 600, 1000, 10, 20, pals_pressure},
    {neonate, "abp_sys", high, 500, none, 10, 20, chosen},
    {neonate, "abp_sys", medium, 600, 1000, 10, 20, pals_pressure},
    {neonate, "temp", medium, 360, 380, 30, 2, who_newborn},
    {neonate, "temp_core", medium, 360, 380, 30, 2, who_newborn},
};

Value from_tenths(std::int32_t tenths, const device::CodeInfo& code) {
  Value value = 0;
  SALUS_ASSERT(device::to_scaled({tenths, -1}, code.scale, value));
  return value;
}

Limit limit_of(const Default& row) {
  Limit limit;
  limit.code = device::code_named(row.code);
  const device::CodeInfo& code = device::info(limit.code);
  limit.priority = row.priority;
  if (row.low_tenths != none) limit.low = from_tenths(row.low_tenths, code);
  if (row.high_tenths != none) limit.high = from_tenths(row.high_tenths, code);
  limit.delay_ms = row.delay_s * 1000;
  limit.end_delay_ms = row.end_delay_s * 1000;
  limit.hysteresis = from_tenths(row.hysteresis_tenths, code);
  limit.source = sources[row.source];
  return limit;
}

std::vector<Limit> rows_for(AgeClass age_class) {
  std::vector<Limit> rows;
  for (const Default& row : defaults)
    if (row.age_class == age_class) rows.push_back(limit_of(row));
  std::ranges::sort(rows, {}, [](const Limit& row) { return std::pair(row.code, row.priority); });
  return rows;
}

}  // namespace

const std::vector<Limit>& delivered_limits(const Scope& scope) {
  static const std::vector<Limit> hospital = rows_for(all), children = rows_for(child), newborns = rows_for(neonate),
                                  nothing;
  if (scope.kind == ScopeKind::hospital) return hospital;
  if (scope == Scope::of(child)) return children;
  if (scope == Scope::of(neonate)) return newborns;
  return nothing;
}

const Limit* delivered_limit(const Scope& scope, Code code, Priority priority) {
  for (const Limit& row : delivered_limits(scope))
    if (row.code == code && row.priority == priority) return &row;
  return nullptr;
}

}  // namespace salus::monitor
