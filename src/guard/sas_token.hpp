// A device's shared access signature, as Azure's device SDKs make it:
//
//   SharedAccessSignature sr={resource}&sig={signature}&se={expiry}[&skn={policy}]
//
// The resource is "{hub host}/devices/{device id}", percent-encoded; the signature is the base64 of HMAC-SHA256, with
// the base64-decoded key, over "{sr as it stands in the token}\n{se}", percent-encoded; the expiry is in Unix seconds.
// The signature is checked over `sr` as received, because SDKs differ in the case of their escapes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"

namespace salus::guard {

inline constexpr std::string_view kSasPrefix = "SharedAccessSignature ";

struct SasToken {
  std::string signed_resource;  // sr, as it stands
  std::string resource;         // decoded
  std::string signature;        // decoded from both encodings: 32 bytes
  std::string expiry_text;      // se, as it stands
  Time expiry{};
  std::string policy;  // skn
};

// Bounds: 2 KiB. Errors: invalid, for another form, an unknown, absent or repeated member, or an expiry after 2200.
Result<SasToken> parse_sas_token(std::string_view text);

// Whether it is for exactly this device: "{host}/devices/{id}", where the host is one segment. What merely begins so,
// or names a module or the whole hub, is another resource.
bool is_for_device(const SasToken& token, std::string_view device_id);

// `key` as base64. Takes the same time whichever byte differs.
bool is_signed_with(const SasToken& token, std::string_view key);

// For clients: the simulator and tests. Requires: `key` is base64.
std::string make_sas_token(std::string_view host, std::string_view device_id, std::string_view key, Time expiry);

}  // namespace salus::guard
