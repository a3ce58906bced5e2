#include "guard/passwords.hpp"

#include <argon2.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"

namespace salus::guard {
namespace {

constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

std::string hash_now(const std::string& password, const PasswordCost& cost) {
  const std::string salt = random_bytes(kSaltBytes);
  std::string encoded(argon2_encodedlen(cost.passes, cost.memory_kib, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
  const int status = argon2id_hash_encoded(cost.passes, cost.memory_kib, kLanes, password.data(), password.size(),
                                           salt.data(), salt.size(), kHashBytes, encoded.data(), encoded.size());
  SALUS_ASSERT(status == ARGON2_OK || status == ARGON2_MEMORY_ALLOCATION_ERROR);
  if (status != ARGON2_OK) return {};
  encoded.resize(encoded.find('\0'));
  return encoded;
}

asio::awaitable<std::string> hash_on_pool(std::string password, PasswordCost cost) {
  co_return hash_now(password, cost);
}

asio::awaitable<bool> verify_on_pool(std::string password, std::string hash) {
  co_return argon2id_verify(hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

// Counts one waiting request in and out.
class Place {
 public:
  Place(std::atomic<std::size_t>& waiting, std::size_t most) : waiting_(waiting), got_(waiting.fetch_add(1) < most) {}
  ~Place() { waiting_.fetch_sub(1); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  bool got() const { return got_; }

 private:
  std::atomic<std::size_t>& waiting_;
  const bool got_;
};

tl::unexpected<Error> busy() {
  return fail(ErrorCode::unavailable, "Too many people are signing in at once; try again in a moment.");
}

}  // namespace

Result<void> check_new_password(std::string_view password) {
  if (password.size() < kPasswordBytesMin || password.size() > kPasswordBytesMax || !is_utf8(password))
    return fail(ErrorCode::invalid, "A password has {} to {} bytes; several words do well.", kPasswordBytesMin,
                kPasswordBytesMax);
  return {};
}

Passwords::Passwords(PasswordCost cost, std::size_t threads, std::size_t waiting_max)
    : cost_(cost), waiting_max_(waiting_max), stand_in_(hash_now(to_hex(random_bytes(16)), cost)), pool_(threads) {}

Passwords::~Passwords() {
  pool_.stop();
  pool_.join();
}

asio::awaitable<Result<std::string>> Passwords::hash(std::string password) {
  const Place place(waiting_, waiting_max_);
  if (!place.got()) co_return busy();
  std::string encoded = co_await asio::co_spawn(pool_, hash_on_pool(std::move(password), cost_), asio::use_awaitable);
  if (encoded.empty()) co_return busy();  // no memory for it now
  co_return encoded;
}

asio::awaitable<Result<bool>> Passwords::verify(std::string password, std::string hash) {
  const Place place(waiting_, waiting_max_);
  if (!place.got()) co_return busy();
  const bool known = hash.starts_with("$argon2id$");
  if (password.size() > kPasswordBytesMax) co_return false;
  const bool matches = co_await asio::co_spawn(
      pool_, verify_on_pool(std::move(password), known ? std::move(hash) : stand_in_), asio::use_awaitable);
  co_return known&& matches;
}

}  // namespace salus::guard
