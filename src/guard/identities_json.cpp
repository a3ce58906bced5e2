#include "guard/identities_json.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace salus::guard {
namespace {

constexpr std::pair<Device::Proof, std::string_view> kProofs[] = {
    {Device::Proof::sas, "sas"},
    {Device::Proof::self_signed, "selfSigned"},
    {Device::Proof::certificate_authority, "certificateAuthority"}};

std::string_view name_of(Device::Proof proof) {
  for (const auto& [value, text] : kProofs)
    if (value == proof) return text;
  return "sas";
}

json::object member(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : json::object{};
}

// 32 bytes of hex, in any case, with or without colons; as lower-case hex. What is none becomes empty.
std::string thumbprint(std::string text) {
  std::erase(text, ':');
  const Result<std::string> bytes = from_hex(text);
  return bytes && bytes->size() == 32 ? to_hex(*bytes) : std::string{};
}

}  // namespace

bool is_user_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return plain(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-' || c == '@'; });
}

Result<std::vector<Role>> roles_from(const json::object& body) {
  const json::value* list = body.if_contains("roles");
  if (list == nullptr || !list->is_array() || list->get_array().empty())
    return fail(ErrorCode::invalid, "Member 'roles' must be a list of administrator, clinician, engineer or viewer.");
  std::vector<Role> roles;
  for (const json::value& item : list->get_array()) {
    const std::optional<Role> role = item.is_string() ? role_from(std::string_view(item.get_string())) : std::nullopt;
    if (!role) return fail(ErrorCode::invalid, "A role must be administrator, clinician, engineer or viewer.");
    if (std::ranges::find(roles, *role) == roles.end()) roles.push_back(*role);
  }
  std::ranges::sort(roles);
  return roles;
}

json::object to_json(const User& user) {
  json::array roles;
  for (const Role role : user.roles) roles.emplace_back(name(role));
  return {{"name", user.name},         {"display_name", user.display_name}, {"roles", roles},
          {"enabled", user.enabled},   {"created", to_iso(user.created)},   {"password_hash", user.password_hash},
          {"pin_hash", user.pin_hash}, {"pin_locked", user.pin_locked}};
}

Result<User> user_from(const json::object& body) {
  User user{.name = string_or(body, "name"),
            .display_name = string_or(body, "display_name"),
            .roles = {},
            .enabled = bool_or(body, "enabled", true),
            .password_hash = string_or(body, "password_hash"),
            .pin_hash = string_or(body, "pin_hash"),
            .pin_locked = bool_or(body, "pin_locked")};
  if (!is_user_name(user.name))
    return fail(ErrorCode::invalid,
                "A user name has 1 to 64 of a-z, 0-9, '.', '_', '-', '@' and begins with a letter or digit.");
  if (user.display_name.size() > 200) return fail(ErrorCode::invalid, "A display name has at most 200 bytes.");
  if (user.display_name.empty()) user.display_name = user.name;
  Result<std::vector<Role>> roles = roles_from(body);
  if (!roles) return fail(std::move(roles.error()));
  user.roles = std::move(*roles);
  if (const std::string created = string_or(body, "created"); !created.empty())
    user.created = parse_iso(created).value_or(Time{});
  return user;
}

json::object to_json(const Token& token) {
  return {{"id", token.id},
          {"user", token.user},
          {"name", token.name},
          {"sha256", to_hex(token.digest)},
          {"issued", to_iso(token.issued)},
          {"expires", to_iso(token.expires)},
          {"session", token.session}};
}

Result<Token> token_from(const json::object& body) {
  Result<std::string> digest = from_hex(string_or(body, "sha256"));
  Result<Time> expires = parse_iso(string_or(body, "expires"));
  Token token{.id = string_or(body, "id"),
              .user = string_or(body, "user"),
              .name = string_or(body, "name"),
              .digest = digest.value_or(""),
              .session = bool_or(body, "session")};
  if (token.id.empty() || token.id.size() > 64 || token.digest.size() != 32 || !expires || token.name.size() > 200)
    return fail(ErrorCode::invalid,
                "A token needs an id, a digest of 32 bytes, an expiry and a name of at most 200 bytes.");
  token.expires = *expires;
  token.issued = parse_iso(string_or(body, "issued")).value_or(Time{});
  return token;
}

json::object to_json(const Station& station) {
  return {{"id", station.id},
          {"name", station.name},
          {"ward", station.ward},
          {"created", to_iso(station.created)},
          {"code_sha256", to_hex(station.code_digest)},
          {"code_expires", to_iso(station.code_expires)},
          {"token_sha256", to_hex(station.token_digest)},
          {"paired", to_iso(station.paired)}};
}

// Of a station_put "id", "name", "ward" and the code; what is absent is empty.
Result<Station> station_from(const json::object& body) {
  const auto digest = [&](std::string_view key) { return from_hex(string_or(body, key)).value_or("?"); };
  const auto time = [&](std::string_view key) { return parse_iso(string_or(body, key)).value_or(Time{}); };
  Station station{.id = string_or(body, "id"),
                  .name = string_or(body, "name"),
                  .ward = string_or(body, "ward"),
                  .created = time("created"),
                  .code_digest = digest("code_sha256"),
                  .code_expires = time("code_expires"),
                  .token_digest = digest("token_sha256"),
                  .paired = time("paired")};
  const auto right = [](std::string_view text) { return !text.empty() && text.size() <= 128 && is_utf8(text); };
  if (!is_user_name(station.id) || !right(station.name) || !right(station.ward))
    return fail(ErrorCode::invalid, "A station needs an id, and a name and a ward of 1 to 128 bytes.");
  for (const std::string* one : {&station.code_digest, &station.token_digest})
    if (!one->empty() && one->size() != 32)
      return fail(ErrorCode::invalid, "A station's code and token are given by their SHA-256 in hex.");
  return station;
}

json::object to_json(const Device& device) {
  return {
      {"id", device.id},
      {"status", device.enabled ? "enabled" : "disabled"},
      {"authentication",
       {{"type", name_of(device.proof)},
        {"symmetricKey", {{"primaryKey", device.primary_key}, {"secondaryKey", device.secondary_key}}},
        {"x509Thumbprint",
         {{"primaryThumbprint", device.primary_thumbprint}, {"secondaryThumbprint", device.secondary_thumbprint}}}}}};
}

Result<Device> device_from(const json::object& body) {
  const json::object authentication = member(body, "authentication");
  const json::object key = member(authentication, "symmetricKey");
  const json::object thumbprints = member(authentication, "x509Thumbprint");
  Device device{.id = string_or(body, "id"),
                .enabled = string_or(body, "status", "enabled") == "enabled",
                .primary_key = string_or(key, "primaryKey"),
                .secondary_key = string_or(key, "secondaryKey"),
                .primary_thumbprint = thumbprint(string_or(thumbprints, "primaryThumbprint")),
                .secondary_thumbprint = thumbprint(string_or(thumbprints, "secondaryThumbprint"))};
  if (!is_device_id(device.id)) return fail(ErrorCode::invalid, "The device id is not one.");
  const std::string type = string_or(authentication, "type", "sas");
  const auto proof = std::ranges::find(kProofs, type, [](const auto& row) { return row.second; });
  if (proof == std::end(kProofs))
    return fail(ErrorCode::invalid, "authentication.type must be sas, selfSigned or certificateAuthority.");
  device.proof = proof->first;
  for (const std::string& text : {device.primary_key, device.secondary_key}) {
    const Result<std::string> bytes = from_base64(text);
    if (!text.empty() && (!bytes || bytes->size() < 16 || bytes->size() > 64))
      return fail(ErrorCode::invalid, "A device key must be base64 of 16 to 64 bytes.");
  }
  return device;
}

}  // namespace salus::guard
