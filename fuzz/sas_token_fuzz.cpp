// A SAS token that parses is signed with at most what it says: changing one byte of what was signed never verifies, and
// it is for no device but its own.
#include "base/assert.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"
#include "guard/sas_token.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::string key = to_base64(std::string(32, 'k'));
  if (const Result<guard::SasToken> token = guard::parse_sas_token(text)) {
    SALUS_ASSERT(token->signature.size() == 32);
    const bool for_m1 = guard::is_for_device(*token, "m1");
    SALUS_ASSERT(!for_m1 || !guard::is_for_device(*token, "m10"));
    SALUS_ASSERT(!for_m1 || token->resource.ends_with("/devices/m1"));
    SALUS_ASSERT(!guard::is_signed_with(*token, key) ||
                 !guard::is_signed_with(*token, to_base64(std::string(32, 'x'))));
  }
  // What we make, we read back.
  if (is_device_id(text)) {
    const std::string made = guard::make_sas_token("hub", text, key, Time{seconds{1'900'000'000}});
    const guard::SasToken token = guard::parse_sas_token(made).value();
    SALUS_ASSERT(guard::is_for_device(token, text) && guard::is_signed_with(token, key));
  }
  return 0;
}
