// The present users, tokens and devices, as the gates see them: what Identities has applied.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/digest.hpp"
#include "base/time.hpp"
#include "guard/authority.hpp"

namespace salus::guard {

struct User {
  std::string name;
  std::string display_name;
  std::vector<Role> roles;
  bool enabled = true;
  Time created{};
  std::string password_hash;  // argon2id in PHC form; empty: cannot sign in by password
  std::string pin_hash{};     // the same of the PIN; empty: none
  bool pin_locked = false;    // after too many wrong ones, until a sign-in by password
};

struct Token {
  std::string id;  // names it in the API; no secret
  std::string user;
  std::string name;    // the owner's words: "session", "nightly export"
  std::string digest;  // SHA-256 of the token, 32 bytes; the token itself is nowhere
  Time issued{};
  Time expires{};
  bool session = false;
};

struct Device {
  enum class Proof : std::uint8_t { sas, self_signed, certificate_authority };
  std::string id;
  bool enabled = true;
  Proof proof = Proof::sas;
  std::string primary_key;  // base64, as given
  std::string secondary_key;
  std::string primary_thumbprint;  // SHA-256 of the certificate, lower-case hex
  std::string secondary_thumbprint;
};

// A screen that is nobody's: it shows one ward, and changes nothing without a person's PIN.
struct Station {
  std::string id;
  std::string name;
  std::string ward;
  Time created{};
  std::string code_digest;  // SHA-256 of the pairing code that may still be used, 32 bytes; empty: none
  Time code_expires{};
  std::string token_digest;  // of the token that the paired screen holds; empty: not paired
  Time paired{};
};

// Values are immutable and shared, so that a gate keeps what it has read; a lookup holds a lock for a map's find.
// Lifetime: outlives Identities and Gatekeeper. Threads: any; changed by Identities alone.
class Directory {
 public:
  std::shared_ptr<const User> user(std::string_view name) const;
  std::shared_ptr<const Token> token(std::string_view id) const;
  std::shared_ptr<const Token> token_by_digest(const Sha256& digest) const;
  std::shared_ptr<const Device> device(std::string_view id) const;
  std::vector<std::shared_ptr<const User>> users() const;  // by name
  std::shared_ptr<const Station> station(std::string_view id) const;
  std::shared_ptr<const Station> station_by_token(const Sha256& digest) const;
  std::vector<std::shared_ptr<const Station>> stations() const;  // by id

  // See Authority::revision().
  std::uint64_t revision() const { return revision_.load(std::memory_order_acquire); }

 private:
  friend class Identities;
  void put(User user);
  void put(Token token);
  void put(Device device);
  void put(Station station);
  void remove_user(const std::string& name);
  void remove_token(const std::string& id);
  void remove_device(const std::string& id);
  void remove_station(const std::string& id);
  void shrunk() { revision_.fetch_add(1, std::memory_order_acq_rel); }

  mutable std::shared_mutex mutex_;
  std::map<std::string, std::shared_ptr<const User>, std::less<>> users_;
  std::map<std::string, std::shared_ptr<const Token>, std::less<>> tokens_;
  std::unordered_map<std::string, std::shared_ptr<const Token>> by_digest_;
  std::map<std::string, std::shared_ptr<const Device>, std::less<>> devices_;
  std::map<std::string, std::shared_ptr<const Station>, std::less<>> stations_;
  std::unordered_map<std::string, std::shared_ptr<const Station>> station_by_token_;
  std::atomic<std::uint64_t> revision_{1};
};

}  // namespace salus::guard
