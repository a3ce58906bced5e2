// Location:near. The distance is a great circle's on a sphere of the Earth's mean radius (at most 0.6% off).
//
// Conditions of writes are decided in apply, so that the arithmetic must be the same everywhere: sums and products in
// this order alone, none of them fused, and sines of our own.
#include <algorithm>
#include <cmath>

#include "fhir/search/encoding.hpp"
#include "fhir/search/match.hpp"
#include "fhir/search/values.hpp"

#pragma clang fp contract(off)

namespace salus::fhir::search {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double radius_km = 6371.0088;
constexpr double distance_default_km = 50;
constexpr std::int64_t degree = 1'000'000'000;

// Its series: 1e-16 off at most where |x| <= pi.
double sine(double x) {
  double term = x, sum = x;
  for (int n = 1; n <= 15; ++n) {
    term = term * x * x / (-2.0 * n * (2.0 * n + 1.0));
    sum = sum + term;
  }
  return sum;
}
double cosine(double x) {
  double term = 1, sum = 1;
  for (int n = 1; n <= 16; ++n) {
    term = term * x * x / (-2.0 * n * (2.0 * n - 1.0));
    sum = sum + term;
  }
  return sum;
}

struct Point {
  double x, y, z;
};
Point point_of(std::int64_t latitude, std::int64_t longitude) {
  const double phi = static_cast<double>(latitude) / 1e9 * pi / 180,
               lambda = static_cast<double>(longitude) / 1e9 * pi / 180;
  return {cosine(phi) * cosine(lambda), cosine(phi) * sine(lambda), sine(phi)};
}
double chord_squared(const Point& a, const Point& b) {
  const double x = a.x - b.x, y = a.y - b.y, z = a.z - b.z;
  return x * x + y * y + z * z;
}

std::optional<double> kilometres_of(std::string_view distance, std::string_view unit) {
  double km = distance_default_km;
  if (!distance.empty()) {
    const auto parsed = path::Decimal::parse(distance);
    if (!parsed || parsed->is_negative()) return std::nullopt;
    km = static_cast<double>(parsed->coefficient());
    for (int i = 0; i < parsed->scale(); ++i) km /= 10;
  }
  if (unit.empty() || unit == "km") return km;
  if (unit == "m") return km / 1000;
  if (unit == "mi" || unit == "[mi_i]") return km * 1.609344;
  if (unit == "[mi_us]") return km * 1609347.21869 / 1e6;
  return std::nullopt;
}

std::string latitude_bytes(std::int64_t latitude) {
  std::string out;
  put_time(out, latitude);
  return out;
}

}  // namespace

std::optional<std::int64_t> nanodegrees(std::string_view decimal, int most) {
  const auto parsed = path::Decimal::parse(decimal);
  if (!parsed || compare(parsed->abs(), path::Decimal{most}) > 0) return std::nullopt;
  path::Decimal::Wide value = parsed->abs().coefficient();
  for (int i = parsed->scale(); i < 9; ++i) value *= 10;
  for (int i = parsed->scale(); i > 9; --i) value /= 10;
  return static_cast<std::int64_t>(parsed->is_negative() ? -value : value);
}

Result<std::vector<Scan>> near_scans(const Ask& ask) {
  if (!ask.modifier.empty()) return refuse_modifier(ask, "a position has :missing");
  const auto parts = split(ask.value, '|');
  const auto part = [&](std::size_t i) { return i < parts.size() ? unescape(parts[i]) : std::string{}; };
  const auto latitude = nanodegrees(part(0), 90), longitude = nanodegrees(part(1), 180);
  const auto km = kilometres_of(part(2), part(3));
  if (parts.size() > 4 || !latitude || !longitude || !km)
    return fail(ErrorCode::invalid,
                "Parameter '{}': it is 'latitude|longitude|distance|unit' in degrees, the unit km, m or mi.", ask.name);
  Scan scan{.list = ask.parameter.list()};
  const double angle = *km / radius_km;
  if (angle >= pi) return std::vector{std::move(scan)};  // the whole Earth
  const auto band = static_cast<std::int64_t>(angle * 180 / pi * 1e9) + degree / 1000;
  scan.from = latitude_bytes(std::max(*latitude - band, -90 * degree));
  scan.to = latitude_bytes(std::min(*latitude + band, 90 * degree) + 1);
  const double half = sine(angle / 2), most = 4 * half * half;
  scan.accept = [centre = point_of(*latitude, *longitude), most](ByteView value) {
    const std::int64_t its_latitude = take_time(value), its_longitude = take_time(value);
    return chord_squared(centre, point_of(its_latitude, its_longitude)) <= most;
  };
  return std::vector{std::move(scan)};
}

}  // namespace salus::fhir::search
