#include "guard/certificate_authority.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "guard/certificate.hpp"
#include "guard/private_file.hpp"

namespace salus::guard {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;

constexpr days kAuthorityLife{3653};
constexpr days kServerLife{398};  // what browsers accept at most
constexpr days kRenewBefore{30};
constexpr std::chrono::hours kBackdated{1};  // clocks of devices run behind

struct Pair {
  Key key;
  Certificate certificate;
};

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

// What may stand in OpenSSL's list without beginning another member.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
           c == ':';
  });
}

Result<std::string> alternative_names(const CertificateNames& names) {
  std::vector<std::string> hosts{"localhost"};
  if (const std::string own = host_name(); is_plain_name(own) && own != "localhost") hosts.push_back(own);
  hosts.insert(hosts.end(), names.hosts.begin(), names.hosts.end());
  std::vector<std::string> addresses{"127.0.0.1", "::1"};
  addresses.insert(addresses.end(), names.addresses.begin(), names.addresses.end());
  std::string text;
  for (const auto& [kind, list] : {std::pair{"DNS:", &hosts}, std::pair{"IP:", &addresses}}) {
    for (const std::string& name : *list) {
      if (!is_plain_name(name)) return fail(ErrorCode::invalid, "'{}' cannot stand in a certificate.", name);
      text += (text.empty() ? "" : ",") + std::string(kind) + name;
    }
  }
  return text;
}

// Both files or neither; one alone is damage, because making the other anew would orphan it.
Result<std::optional<Pair>> read_pair(const fs::path& folder, const std::string& name) {
  const Result<std::string> certificate = read_small_file(folder / (name + ".pem"));
  const Result<std::string> key = read_small_file(folder / (name + ".key"));
  const auto absent = [](const auto& file) { return !file && file.error().code == ErrorCode::not_found; };
  // The key is written first: a crash between the two leaves a key that nothing was signed with yet.
  if (absent(certificate)) return std::optional<Pair>{};
  if (!certificate) return fail(certificate.error());
  if (!key) return fail(key.error());
  Result<Key> parsed_key = key_from_pem(*key);
  Result<Certificate> parsed = certificate_from_pem(*certificate);
  if (!parsed_key) return within(name + ".key", std::move(parsed_key.error()));
  if (!parsed) return within(name + ".pem", std::move(parsed.error()));
  if (X509_check_private_key(parsed->get(), parsed_key->get()) != 1)
    return fail(ErrorCode::damaged, "'{}.key' does not belong to '{}.pem'.", name, name);
  return std::optional<Pair>{Pair{std::move(*parsed_key), std::move(*parsed)}};
}

Result<void> write_pair(const fs::path& folder, const std::string& name, const Pair& pair) {
  const Result<std::string> key = to_pem(pair.key.get());
  const Result<std::string> certificate = to_pem(pair.certificate.get());
  if (!key) return fail(key.error());
  if (!certificate) return fail(certificate.error());
  if (Result<void> written = write_private_file(folder / (name + ".key"), *key); !written) return written;
  Result<void> written = write_private_file(folder / (name + ".pem"), *certificate);
  std::error_code ec;
  // Certificates are public; clients read ca.pem.
  fs::permissions(folder / (name + ".pem"),
                  fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read, ec);
  return written;
}

Result<Pair> make_pair(const CertificateRequest& request, const Pair* issuer) {
  Result<Key> key = make_key();
  if (!key) return fail(std::move(key.error()));
  EVP_PKEY* signing = issuer == nullptr ? key->get() : issuer->key.get();
  Result<Certificate> certificate =
      make_certificate(request, key->get(), issuer == nullptr ? nullptr : issuer->certificate.get(), signing);
  if (!certificate) return fail(std::move(certificate.error()));
  return Pair{std::move(*key), std::move(*certificate)};
}

Result<Pair> open_authority(const fs::path& folder, Time now) {
  Result<std::optional<Pair>> known = read_pair(folder, "ca");
  if (!known) return fail(std::move(known.error()));
  if (*known) return std::move(**known);
  Result<Pair> made = make_pair({.purpose = Purpose::authority,
                                 .common_name = "Salus device authority",
                                 .alternative_names = {},
                                 .from = now - kBackdated,
                                 .until = now + kAuthorityLife},
                                nullptr);
  if (!made) return made;
  if (Result<void> written = write_pair(folder, "ca", *made); !written) return fail(std::move(written.error()));
  return made;
}

bool is_still_good(const Pair& server, const Pair& authority, const Certificate& wanted, Time now) {
  const Result<Time> expiry = expiry_of(server.certificate.get());
  return expiry && *expiry - now >= kRenewBefore &&
         X509_verify(server.certificate.get(), X509_get0_pubkey(authority.certificate.get())) == 1 &&
         alternative_names_of(server.certificate.get()) == alternative_names_of(wanted.get());
}

Result<void> open_server(const fs::path& folder, const CertificateNames& names, const Pair& authority, Time now) {
  Result<std::string> alternative = alternative_names(names);
  if (!alternative) return fail(std::move(alternative.error()));
  Result<std::optional<Pair>> known = read_pair(folder, "server");
  if (!known) return fail(std::move(known.error()));
  Result<Pair> made = make_pair({.purpose = Purpose::server,
                                 .common_name = "salus",
                                 .alternative_names = *alternative,
                                 .from = now - kBackdated,
                                 .until = now + kServerLife - kBackdated},
                                &authority);
  if (!made) return fail(std::move(made.error()));
  if (*known && is_still_good(**known, authority, made->certificate, now)) return {};
  return write_pair(folder, "server", *made);
}

// Where a context keeps whom it no longer trusts.
int revocations_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

bool is_revoked(X509_STORE_CTX* context, X509* certificate) {
  const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* revocations =
      static_cast<const Revocations*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), revocations_index()));
  return revocations != nullptr && revocations->is_revoked(digest_of(certificate));
}

// Called for each certificate of the chain. A self-signed one may pass the handshake: its holder has proven its key,
// and guard accepts it only by the thumbprint that its device was registered with (peer_certificate gives it no name).
int verify(int ok, X509_STORE_CTX* context) {
  X509* certificate = X509_STORE_CTX_get_current_cert(context);
  EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
  if (key == nullptr || has_explicit_curve(key)) {
    X509_STORE_CTX_set_error(context, X509_V_ERR_CERT_REJECTED);
    return 0;
  }
  if (is_revoked(context, certificate)) {
    X509_STORE_CTX_set_error(context, X509_V_ERR_CERT_REVOKED);
    return 0;
  }
  return ok == 1 || X509_STORE_CTX_get_error(context) == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ? 1 : 0;
}

bool configure(SSL_CTX* context, const TlsOptions& options, const fs::path& ca) {
  constexpr const char* ciphers12 =
      "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
      "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";
  bool ok = SSL_CTX_set_min_proto_version(context, options.allow_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION) == 1 &&
            SSL_CTX_set_cipher_list(context, ciphers12) == 1 &&
            SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
  SSL_CTX_set_options(
      context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // thousands of quiet consoles and devices
  SSL_CTX_set_max_cert_list(context, 16 << 10);         // a long chain is refused before it is parsed
  if (!options.ask_client_certificate) return ok;
  SSL_CTX_set_ex_data(context, revocations_index(), const_cast<Revocations*>(options.revocations));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, verify);
  SSL_CTX_set_verify_depth(context, 3);
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(ca.c_str());
  if (names == nullptr) return false;
  SSL_CTX_set_client_CA_list(context, names);
  return ok && SSL_CTX_load_verify_locations(context, ca.c_str(), nullptr) == 1;
}

}  // namespace

Result<CertificateAuthority> CertificateAuthority::open(const fs::path& folder, const CertificateNames& names,
                                                        Time now) {
  std::error_code ec;
  fs::create_directories(folder, ec);
  if (!ec) fs::permissions(folder, fs::perms::owner_all, ec);
  if (ec) return fail(ErrorCode::unavailable, "'{}' cannot be made: {}.", folder.string(), ec.message());
  const Result<Pair> authority = open_authority(folder, now);
  if (!authority) return fail(authority.error());
  if (Result<void> server = open_server(folder, names, *authority, now); !server)
    return fail(std::move(server.error()));
  return CertificateAuthority(folder);
}

Result<IssuedCertificate> CertificateAuthority::issue_for_device(std::string_view device_id, nanoseconds life,
                                                                 Time now) const {
  const Result<Key> key = make_key();
  if (!key) return fail(key.error());
  Result<IssuedCertificate> issued = sign(device_id, key->get(), life, now);
  if (!issued) return issued;
  Result<std::string> pem = to_pem(key->get());
  if (!pem) return fail(std::move(pem.error()));
  issued->key_pem = std::move(*pem);
  return issued;
}

Result<IssuedCertificate> CertificateAuthority::sign_for_device(std::string_view device_id,
                                                                std::string_view request_pem, nanoseconds life,
                                                                Time now) const {
  const Result<Key> key = key_from_request(request_pem);
  if (!key) return fail(key.error());
  return sign(device_id, key->get(), life, now);
}

Result<IssuedCertificate> CertificateAuthority::sign(std::string_view device_id, evp_pkey_st* key, nanoseconds life,
                                                     Time now) const {
  // X.520 gives a common name 64 characters.
  if (!is_device_id(device_id) || device_id.size() > 64)
    return fail(ErrorCode::invalid, "A certificate can name a device id of at most 64 characters.");
  const Result<std::optional<Pair>> authority = read_pair(folder_, "ca");
  if (!authority) return fail(authority.error());
  if (!*authority) return fail(ErrorCode::damaged, "'{}' is gone.", ca_file().string());
  const CertificateRequest request{.purpose = Purpose::client,
                                   .common_name = std::string(device_id),
                                   .alternative_names = {},
                                   .from = now - kBackdated,
                                   .until = now + life};
  const Result<Certificate> certificate =
      make_certificate(request, key, (*authority)->certificate.get(), (*authority)->key.get());
  if (!certificate) return fail(certificate.error());
  Result<std::string> pem = to_pem(certificate->get());
  if (!pem) return fail(std::move(pem.error()));
  return IssuedCertificate{std::move(*pem), {}, digest_of(certificate->get()), request.until};
}

Result<std::unique_ptr<boost::asio::ssl::context>> CertificateAuthority::server_context(TlsOptions options) const {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  boost::system::error_code ec;
  context->use_certificate_chain_file((folder_ / "server.pem").string(), ec);
  if (!ec) context->use_private_key_file((folder_ / "server.key").string(), ssl::context::pem, ec);
  if (ec) return fail(ErrorCode::damaged, "The server's certificate cannot be used: {}.", ec.message());
  if (!configure(context->native_handle(), options, ca_file())) return openssl_error("Setting up TLS");
  return context;
}

PeerCertificate peer_certificate(ssl_st* ssl) {
  const Certificate certificate(SSL_get1_peer_certificate(ssl));
  if (!certificate) return {};
  const long verified = SSL_get_verify_result(ssl);
  if (verified == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) return {digest_of(certificate.get()), {}};
  if (verified != X509_V_OK) return {};
  return {digest_of(certificate.get()), common_name_of(certificate.get())};
}

}  // namespace salus::guard
