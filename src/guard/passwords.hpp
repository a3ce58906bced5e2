// Passwords as argon2id (RFC 9106) in PHC form. Hashing costs 19 MiB and tens of milliseconds on purpose, so it runs on
// threads of its own, and so many wait at most.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace salus::guard {

namespace asio = boost::asio;

// Length is what makes a password strong; there are no rules of composition (NIST SP 800-63B 5.1.1).
inline constexpr std::size_t kPasswordBytesMin = 12;
inline constexpr std::size_t kPasswordBytesMax = 256;
// Errors: invalid.
Result<void> check_new_password(std::string_view password);

struct PasswordCost {
  std::uint32_t memory_kib = 19 * 1024;
  std::uint32_t passes = 2;
};

// Lifetime: destroyed before the io contexts that wait on it stop. Threads: any.
class Passwords {
 public:
  explicit Passwords(PasswordCost cost = {}, std::size_t threads = 1, std::size_t waiting_max = 32);
  ~Passwords();

  // Errors: unavailable, when too many wait.
  asio::awaitable<Result<std::string>> hash(std::string password);
  // False also for an empty or damaged hash, after the same work.
  asio::awaitable<Result<bool>> verify(std::string password, std::string hash);

 private:
  const PasswordCost cost_;
  const std::size_t waiting_max_;
  std::atomic<std::size_t> waiting_{0};
  std::string stand_in_;  // what an unknown user's password is compared with
  asio::thread_pool pool_;
};

}  // namespace salus::guard
