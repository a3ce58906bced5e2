#include "guard/stations.hpp"

#include "base/digest.hpp"
#include "base/json.hpp"
#include "log/kinds.hpp"

namespace salus::guard {
namespace {

constexpr std::string_view kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford: no I, L, O, U
constexpr std::size_t kCodeLetters = 10;
constexpr std::size_t kTokenBytes = 32;

std::string make_code() {
  std::string code;
  for (const char byte : random_bytes(kCodeLetters)) code += kLetters[static_cast<unsigned char>(byte) % 32];
  return code.insert(kCodeLetters / 2, "-");
}

// As it was made, whatever people made of it while reading it out.
std::string digest_of(std::string_view code) {
  std::string plain;
  for (char c : code) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if (c != '-' && c != ' ') plain += c;
  }
  return to_hex(view_of(sha256("salus pairing code " + plain)));
}

// "ICU desk" -> "icu-desk-3f2a": what the audit says should be readable.
std::string id_from(std::string_view name) {
  std::string id;
  for (char c : name.substr(0, 32)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      id += c;
    else if (!id.empty() && id.back() != '-')
      id += '-';
  }
  if (id.empty()) id = "station";
  if (id.back() != '-') id += '-';
  return id + to_hex(random_bytes(2));
}

tl::unexpected<Error> unknown(const std::string& id) {
  return fail(ErrorCode::not_found, "There is no station '{}'.", id.substr(0, 64));
}

}  // namespace

asio::awaitable<Result<PairingCode>> Stations::put_code(Actor actor, json::object body) {
  const Time expires = clock_.now() + code_life;
  PairingCode made{.id = string_or(body, "id"), .code = make_code(), .expires = expires};
  body["code_sha256"] = digest_of(made.code);
  body["code_expires"] = to_iso(expires);
  const auto answer = co_await recorder_.append(std::move(actor), log::kind::station_put, std::move(body), made.id);
  if (!answer) co_return fail(answer.error());
  co_return made;
}

asio::awaitable<Result<PairingCode>> Stations::create(Actor actor, std::string name, std::string ward) {
  return put_code(std::move(actor), {{"id", id_from(name)}, {"name", name}, {"ward", ward}, {"create_only", true}});
}

asio::awaitable<Result<PairingCode>> Stations::new_code(Actor actor, std::string id) {
  const std::shared_ptr<const Station> station = directory_.station(id);
  if (!station) co_return unknown(id);
  co_return co_await put_code(std::move(actor), {{"id", id}, {"name", station->name}, {"ward", station->ward}});
}

asio::awaitable<Result<void>> Stations::rename(Actor actor, std::string id, std::string name) {
  const std::shared_ptr<const Station> station = directory_.station(id);
  if (!station) co_return unknown(id);
  co_return dropped(co_await recorder_.append(std::move(actor), log::kind::station_put,
                                              {{"id", id}, {"name", name}, {"ward", station->ward}}, id));
}

asio::awaitable<Result<void>> Stations::revoke(Actor actor, std::string id) {
  co_return dropped(co_await recorder_.append(std::move(actor), log::kind::station_revoked, {{"id", id}}, id));
}

asio::awaitable<Result<PairedStation>> Stations::pair(std::string code, std::string peer) {
  const Time now = clock_.now();
  if (by_peer_.is_blocked(peer, now))
    co_return fail(ErrorCode::rate_limited, "Too many wrong codes came from this address; wait a minute.");
  std::string token = "sls_" + to_base64url(random_bytes(kTokenBytes));
  const auto answer = co_await recorder_.append(
      {.id = {}, .peer = peer}, log::kind::station_paired,
      {{"code_sha256", digest_of(code)}, {"token_sha256", to_hex(view_of(sha256(token)))}}, {});
  if (!answer) {
    if (answer.error().code == ErrorCode::unauthenticated) by_peer_.failed(peer, now);
    co_return fail(answer.error());
  }
  std::shared_ptr<const Station> station = directory_.station_by_token(sha256(token));
  if (!station) co_return fail(ErrorCode::conflict, "The station was revoked meanwhile.");
  recorder_.note({.id = station->id, .peer = peer}, "sign_in", station->id, true);
  co_return PairedStation{std::move(token), std::move(station)};
}

}  // namespace salus::guard
