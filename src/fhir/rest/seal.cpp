#include "fhir/rest/seal.hpp"

#include "base/digest.hpp"

namespace salus::fhir {
namespace {

constexpr std::size_t kMarkBytes = 16;

std::string mark_of(std::string_view key, std::string_view scope, ByteView payload) {
  std::string sealed;
  Writer out{sealed};
  out.put_string(scope);
  out.put_bytes(payload);
  return std::string(view_of(hmac_sha256(key, sealed)).substr(0, kMarkBytes));
}

}  // namespace

std::string seal(std::string_view key, std::string_view scope, ByteView payload) {
  return to_hex(mark_of(key, scope, payload) + std::string(payload));
}

Result<std::string> unseal(std::string_view key, std::string_view scope, std::string_view text) {
  const auto wrong = [] {
    return fail(ErrorCode::invalid, "This link to a page was not made here, or for another search or user.");
  };
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() < kMarkBytes) return wrong();
  std::string payload = bytes->substr(kMarkBytes);
  if (!equal_in_constant_time(ByteView(*bytes).substr(0, kMarkBytes), mark_of(key, scope, payload))) return wrong();
  return payload;
}

}  // namespace salus::fhir
