#include "guard/sas_token.hpp"

#include <charconv>
#include <optional>

#include "base/digest.hpp"

namespace salus::guard {
namespace {

constexpr std::size_t kBytesMax = 2048;
constexpr std::int64_t kExpiryMax_s = 7'258'118'400;  // 2200-01-01, within what Time holds

Result<std::string> decode(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain.push_back(text[i]);
      continue;
    }
    const Result<std::string> byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return fail(ErrorCode::invalid, "The SAS token has a broken escape.");
    plain += *byte;
    i += 2;
  }
  return plain;
}

std::string encode(std::string_view text) {
  std::string coded;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain)
      coded.push_back(c);
    else
      coded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return coded;
}

struct Members {
  std::optional<std::string_view> sr, sig, se, skn;
};

Result<Members> members_of(std::string_view text) {
  Members members;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return fail(ErrorCode::invalid, "A member of the SAS token has no value.");
    const std::string_view name = pair.substr(0, equals);
    std::optional<std::string_view>* member = name == "sr"    ? &members.sr
                                              : name == "sig" ? &members.sig
                                              : name == "se"  ? &members.se
                                              : name == "skn" ? &members.skn
                                                              : nullptr;
    if (member == nullptr || *member)
      return fail(ErrorCode::invalid, "The SAS token has an unknown or a repeated member.");
    *member = pair.substr(equals + 1);
  }
  if (!members.sr || !members.sig || !members.se) return fail(ErrorCode::invalid, "The SAS token lacks sr, sig or se.");
  return members;
}

Result<Time> expiry_from(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < 0 || value > kExpiryMax_s)
    return fail(ErrorCode::invalid, "The SAS token's expiry is no number of seconds before 2200.");
  return Time{seconds{value}};
}

}  // namespace

Result<SasToken> parse_sas_token(std::string_view text) {
  if (text.size() > kBytesMax || !text.starts_with(kSasPrefix))
    return fail(ErrorCode::invalid, "A SAS token begins with '{}' and has at most {} bytes.", kSasPrefix, kBytesMax);
  const Result<Members> members = members_of(text.substr(kSasPrefix.size()));
  if (!members) return fail(members.error());
  Result<std::string> resource = decode(*members->sr);
  Result<std::string> signature =
      decode(*members->sig).and_then([](const std::string& base64) { return from_base64(base64); });
  const Result<Time> expiry = expiry_from(*members->se);
  Result<std::string> policy = decode(members->skn.value_or(""));
  if (!resource) return fail(std::move(resource.error()));
  if (!signature) return fail(std::move(signature.error()));
  if (signature->size() != 32) return fail(ErrorCode::invalid, "The SAS token's signature has not 32 bytes.");
  if (!expiry) return fail(expiry.error());
  if (!policy) return fail(std::move(policy.error()));
  return SasToken{.signed_resource = std::string(*members->sr),
                  .resource = std::move(*resource),
                  .signature = std::move(*signature),
                  .expiry_text = std::string(*members->se),
                  .expiry = *expiry,
                  .policy = std::move(*policy)};
}

bool is_for_device(const SasToken& token, std::string_view device_id) {
  const std::string_view resource = token.resource;
  const std::size_t slash = resource.find('/');
  if (slash == 0 || slash == std::string_view::npos) return false;
  constexpr std::string_view middle = "/devices/";
  const std::string_view path = resource.substr(slash);
  return path.starts_with(middle) && path.substr(middle.size()) == device_id;
}

bool is_signed_with(const SasToken& token, std::string_view key) {
  const Result<std::string> secret = from_base64(key);
  if (!secret || secret->empty()) return false;
  const Sha256 expected = hmac_sha256(*secret, token.signed_resource + "\n" + token.expiry_text);
  return equal_in_constant_time(view_of(expected), token.signature);
}

std::string make_sas_token(std::string_view host, std::string_view device_id, std::string_view key, Time expiry) {
  const std::string resource = encode(fmt::format("{}/devices/{}", host, device_id));
  const auto se = std::chrono::duration_cast<seconds>(expiry.time_since_epoch()).count();
  const Sha256 signature = hmac_sha256(from_base64(key).value_or(""), fmt::format("{}\n{}", resource, se));
  return fmt::format("{}sr={}&sig={}&se={}", kSasPrefix, resource, encode(to_base64(view_of(signature))), se);
}

}  // namespace salus::guard
