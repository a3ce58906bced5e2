// What can be measured.
#include "app/api/ward_context.hpp"

namespace salus::app {
namespace {

using http::Request;
using http::Response;

std::string_view kind_of(device::CodeKind kind) {
  switch (kind) {
    case device::CodeKind::numeric:
      return "numeric";
    case device::CodeKind::ordinal:
      return "ordinal";
    case device::CodeKind::flag:
      return "flag";
    case device::CodeKind::wave:
      return "wave";
    case device::CodeKind::derived:
      return "derived";
  }
  return "numeric";
}

asio::awaitable<Result<Response>> list(WardContext&, const Request&) {
  json::array codes;
  for (const device::CodeInfo& info : device::codes())
    codes.push_back({{"alias", info.alias()},
                     {"mdc", info.mdc},
                     {"refid", info.refid},
                     {"loinc", info.loinc},
                     {"unit", info.unit},
                     {"decimals", info.scale},
                     {"kind", kind_of(info.kind)},
                     {"name", {{"en", info.english}, {"zh", info.chinese}}}});
  co_return http::json_response(200, codes);
}

}  // namespace

void add_codes(http::Router& router, WardContext& context) {
  router.add(http::Route{.method = http::Method::get,
                         .pattern = "/api/codes",
                         .access = http::Access::signed_in().seen_by_stations(),
                         .summary = "What can be measured, with units and names",
                         .handler = with(context, list),
                         .queries = {},
                         .request = nullptr,
                         .response = "[{alias, mdc, refid, loinc, unit, decimals, kind, name: {en, zh}}]"});
}

}  // namespace salus::app
