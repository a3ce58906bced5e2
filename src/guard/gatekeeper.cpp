#include "guard/gatekeeper.hpp"

#include <algorithm>

#include "guard/roles.hpp"
#include "guard/sas_token.hpp"

namespace salus::guard {
namespace {

// Nobody learns which part was wrong.
tl::unexpected<Error> not_accepted() {
  return fail(ErrorCode::unauthenticated, "The credentials are not accepted; check the id, the key and its expiry.");
}
tl::unexpected<Error> no_token() {
  return fail(ErrorCode::unauthenticated, "The bearer token is absent, unknown, expired or revoked; sign in again.");
}

// Digests have one length, so comparing them tells nothing about the length of a key.
bool same_secret(std::string_view given, std::string_view expected) {
  return !expected.empty() && equal_in_constant_time(view_of(sha256(given)), view_of(sha256(expected)));
}

// "devices/{id}/..." with no wildcard in the first two levels and something below them.
bool is_below_own(std::string_view topic, std::string_view device_id) {
  constexpr std::string_view prefix = "devices/";
  if (!topic.starts_with(prefix)) return false;
  const std::string_view rest = topic.substr(prefix.size());
  return rest.starts_with(device_id) && rest.size() > device_id.size() + 1 && rest[device_id.size()] == '/';
}

bool has_wildcard(std::string_view topic) {
  return topic.find_first_of("+#") != std::string_view::npos;
}

bool device_may(const Caller& caller, Action action, std::string_view topic) {
  if (action == Action::publish) return is_below_own(topic, caller.id) && !has_wildcard(topic);
  if (action == Action::subscribe) return is_below_own(topic, caller.id);
  return false;
}

// People and their programs may listen to devices if they may see the ward. Only devices publish as devices.
bool user_may(const Caller& caller, Action action, std::string_view resource) {
  if (action == Action::publish) return false;
  const Action needed = action == Action::subscribe ? Action::see_ward : action;
  if (action == Action::subscribe && !resource.starts_with("devices/")) return false;
  return std::ranges::any_of(caller.roles, [&](Role role) { return role_may(role, needed); });
}

}  // namespace

std::string_view device_in_user_name(std::string_view user_name) {
  const std::size_t slash = user_name.find('/');
  if (slash == std::string_view::npos) return user_name;
  const std::string_view rest = user_name.substr(slash + 1);
  const std::size_t end = rest.find('/');
  if (end == std::string_view::npos) return rest;
  return rest.substr(end + 1).starts_with("?") ? rest.substr(0, end) : std::string_view{};
}

Result<Caller> Gatekeeper::sign_in(const Credentials& credentials) {
  const Time now = clock_.now();
  if (failures_.is_blocked(credentials.peer, now)) {
    return fail(ErrorCode::rate_limited, "Too many sign-ins from this address failed; wait a minute.");
  }
  std::string name;
  Result<Caller> caller = identify(credentials, name);
  audit_.record({.actor = caller ? caller->id : std::string{},
                 .action = "sign_in",
                 .target = caller ? std::string{} : name,
                 .outcome = caller ? "ok" : "refused",
                 .peer = credentials.peer,
                 .detail = {}});
  if (caller)
    failures_.succeeded(credentials.peer);
  else
    failures_.failed(credentials.peer, now);
  return caller;
}

Result<Caller> Gatekeeper::identify(const Credentials& credentials, std::string& name) const {
  if (credentials.secret.starts_with("slt_")) {
    name = credentials.user_name;
    Result<Caller> caller = caller_of(credentials.secret);
    if (!caller || (!credentials.user_name.empty() && credentials.user_name != caller->id)) return not_accepted();
    return caller;
  }
  const std::string_view id = credentials.user_name.empty() && !credentials.certificate_sha256.empty()
                                  ? std::string_view(credentials.client_id)
                                  : device_in_user_name(credentials.user_name);
  name = id;
  const std::shared_ptr<const Device> device = directory_.device(id);
  // The client id is the device's own: else one device could end another's session by taking its id.
  if (!device || !device->enabled || credentials.client_id != id || !proves(*device, credentials))
    return not_accepted();
  Caller caller{.kind = Caller::Kind::device, .id = device->id, .roles = {}, .token_id = {}};
  if (device->proof != Device::Proof::sas) caller.certificate_sha256 = credentials.certificate_sha256;
  return caller;
}

bool Gatekeeper::proves(const Device& device, const Credentials& credentials) const {
  if (device.proof == Device::Proof::sas) return proves_by_secret(device, credentials.secret);
  return proves_by_certificate(device, credentials);
}

bool Gatekeeper::proves_by_certificate(const Device& device, const Credentials& credentials) const {
  const std::string& digest = credentials.certificate_sha256;
  if (digest.empty() || revocations_.is_revoked(digest)) return false;
  if (device.proof == Device::Proof::certificate_authority) return credentials.certificate_name == device.id;
  return same_secret(digest, device.primary_thumbprint) || same_secret(digest, device.secondary_thumbprint);
}

bool Gatekeeper::proves_by_secret(const Device& device, std::string_view secret) const {
  if (secret.empty()) return false;
  if (!secret.starts_with(kSasPrefix))
    return same_secret(secret, device.primary_key) || same_secret(secret, device.secondary_key);
  const Result<SasToken> token = parse_sas_token(secret);
  if (!token || token->expiry <= clock_.now() || !is_for_device(*token, device.id)) return false;
  // A token signed under a policy of the whole hub names it; there are no such policies here.
  return token->policy.empty() &&
         (is_signed_with(*token, device.primary_key) || is_signed_with(*token, device.secondary_key));
}

Result<Caller> Gatekeeper::caller_of(std::string_view token) const {
  if (!token.starts_with("slt_") || token.size() > 128) return no_token();
  const std::shared_ptr<const Token> known = directory_.token_by_digest(sha256(token));
  if (!known || known->expires <= clock_.now()) return no_token();
  const std::shared_ptr<const User> user = directory_.user(known->user);
  if (!user || !user->enabled) return no_token();
  return Caller{.kind = Caller::Kind::user, .id = user->name, .roles = user->roles, .token_id = known->id};
}

Result<Caller> Gatekeeper::station_of(std::string_view token) const {
  const std::shared_ptr<const Station> station =
      token.size() > 128 ? nullptr : directory_.station_by_token(sha256(token));
  if (!station) return no_token();
  return Caller{.kind = Caller::Kind::station,
                .id = station->id,
                .roles = {},
                .token_id = to_hex(station->token_digest),
                .station = station->id,
                .ward = station->ward};
}

Result<Caller> Gatekeeper::bearer(std::string_view token) {
  Result<Caller> caller = token.starts_with("sls_") ? station_of(token) : caller_of(token);
  if (!caller && !token.empty())
    audit_.record({.actor = {}, .action = "bearer", .target = {}, .outcome = "refused", .peer = {}, .detail = {}});
  return caller;
}

Result<void> Gatekeeper::permit(const Caller& caller, Action action, std::string_view resource) {
  const bool allowed = caller.kind == Caller::Kind::device    ? device_may(caller, action, resource)
                       : caller.kind == Caller::Kind::station ? action == Action::see_ward
                                                              : user_may(caller, action, resource);
  if (allowed) return {};
  audit_.record({.actor = caller.id,
                 .action = std::string(name(action)),
                 .target = std::string(resource),
                 .outcome = "refused",
                 .peer = {},
                 .detail = {},
                 .station = caller.station});
  return fail(ErrorCode::forbidden, "'{}' may not {} here; an administrator can grant a role that may.", caller.id,
              name(action));
}

bool Gatekeeper::still_valid(const Caller& caller) {
  if (caller.kind == Caller::Kind::device) {
    const std::shared_ptr<const Device> device = directory_.device(caller.id);
    return device && device->enabled &&
           (caller.certificate_sha256.empty() || !revocations_.is_revoked(caller.certificate_sha256));
  }
  if (!caller.station.empty()) {
    const std::shared_ptr<const Station> station = directory_.station(caller.station);
    if (!station || to_hex(station->token_digest) != caller.token_id) return false;
    if (caller.kind == Caller::Kind::station) return true;
  }
  const std::shared_ptr<const User> user = directory_.user(caller.id);
  if (!user || !user->enabled || user->roles != caller.roles) return false;
  if (caller.token_id.empty() || !caller.station.empty()) return true;
  const std::shared_ptr<const Token> token = directory_.token(caller.token_id);
  return token && token->expires > clock_.now();
}

}  // namespace salus::guard
