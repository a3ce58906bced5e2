// The one question that every gate asks: who is this, and may they? Guard answers; nobody else decides.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"

namespace salus::guard {

enum class Role : std::uint8_t { administrator, clinician, engineer, viewer };
std::string_view name(Role role);
std::optional<Role> role_from(std::string_view name);

// What a caller wants to do. Roles map to actions in one table (authority.cpp).
enum class Action : std::uint8_t {
  see_ward,     // numerics, waves, alarms
  acknowledge,  // an alarm
  set_limits,
  bind_device,
  see_devices,
  manage_devices,  // create, change, remove, see keys
  manage_users,
  see_audit,
  operate,  // status, metrics, checkpoints
  see_record,
  change_record,
  publish,    // to a topic (resource = topic)
  subscribe,  // to a topic filter (resource = filter)
};
std::string_view name(Action action);

struct Caller {
  enum class Kind : std::uint8_t { user, device, station };
  Kind kind = Kind::user;
  std::string id;  // user name, device id or station id
  std::vector<Role> roles;
  std::string token_id;              // which bearer token, when one was used
  std::string certificate_sha256{};  // which certificate, when one was
  std::string station{};             // where a person acts by PIN; a station's own id; else empty
  std::string ward{};                // what the station is for: nothing else is seen or done there; else empty

  bool sees(std::string_view of_ward) const { return ward.empty() || ward == of_ward; }
};

// What a device or user shows when it connects over MQTT or AMQP. Absent members are empty.
struct Credentials {
  std::string client_id;
  std::string user_name;
  std::string secret;              // key (base64), SAS token, user's bearer token
  std::string certificate_sha256;  // hex, of a client certificate that the TLS layer has verified against our CA
  std::string certificate_name;    // its common name
  std::string peer;                // address, for the audit entry
};

// Threads: any. Outlives every gate.
class Authority {
 public:
  virtual ~Authority() = default;

  // A device: key equal to one of its two, a SAS token for its own resource that has not expired, or a certificate
  // whose name is its id. A user: bearer token as secret. Constant-time comparisons; refusals are audited and never say
  // which part was wrong. Errors: unauthenticated, rate_limited (too many failures from one peer), unavailable.
  virtual Result<Caller> sign_in(const Credentials& credentials) = 0;

  // A bearer token of an HTTP request or WebSocket: a user's, or a station's. Errors: unauthenticated (absent, unknown,
  // expired, revoked).
  virtual Result<Caller> bearer(std::string_view token) = 0;

  // Deny by default. A station may see its ward and nothing else: what is done at it is done by a person. A device may
  // publish to devices/{its id}/... and subscribe below devices/{its id}/; wildcards never reach beyond what each
  // matching topic would allow. Errors: forbidden. `resource` may be empty.
  virtual Result<void> permit(const Caller& caller, Action action, std::string_view resource) = 0;

  // Rises whenever any right may have shrunk (user or device changed or removed, token revoked): a session that keeps a
  // decision compares this first.
  virtual std::uint64_t revision() const = 0;

  // Whether the caller still exists and is enabled, and its certificate is not revoked; asked again by long sessions
  // when revision() moved.
  virtual bool still_valid(const Caller& caller) = 0;
};

}  // namespace salus::guard
