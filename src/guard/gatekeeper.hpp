// The Authority: decides who is asking and what they may, from what the log says.
#pragma once

#include <string>
#include <string_view>

#include "guard/audit.hpp"
#include "guard/authority.hpp"
#include "guard/directory.hpp"
#include "guard/failure_limiter.hpp"
#include "guard/revocations.hpp"

namespace salus::guard {

// What a device is called in its connection's user name: "{id}", or Azure's "{hub host}/{id}/?api-version=…". Empty
// when it names none, or a module.
std::string_view device_in_user_name(std::string_view user_name);

// Lifetime: outlived by everything it was built from. Threads: any.
class Gatekeeper final : public Authority {
 public:
  Gatekeeper(const Directory& directory, const Revocations& revocations, Audit& audit, const Clock& clock,
             FailureLimits limits = {})
      : directory_(directory), revocations_(revocations), audit_(audit), clock_(clock), failures_(limits) {}

  Result<Caller> sign_in(const Credentials& credentials) override;
  Result<Caller> bearer(std::string_view token) override;
  Result<void> permit(const Caller& caller, Action action, std::string_view resource) override;
  std::uint64_t revision() const override { return directory_.revision() + revocations_.revision(); }
  bool still_valid(const Caller& caller) override;

 private:
  Result<Caller> identify(const Credentials& credentials, std::string& name) const;
  bool proves(const Device& device, const Credentials& credentials) const;
  bool proves_by_certificate(const Device& device, const Credentials& credentials) const;
  bool proves_by_secret(const Device& device, std::string_view secret) const;
  Result<Caller> caller_of(std::string_view token) const;
  Result<Caller> station_of(std::string_view token) const;

  const Directory& directory_;
  const Revocations& revocations_;
  Audit& audit_;
  const Clock& clock_;
  FailureLimiter failures_;
};

}  // namespace salus::guard
