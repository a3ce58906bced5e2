// The server's own certificate authority: made on the first start in DATA/tls, so that TLS works before anybody has
// bought a certificate, and devices can be given certificates. All of guard's OpenSSL is behind this header.
//
//   DATA/tls/ca.pem, ca.key           EC P-256, ten years
//   DATA/tls/server.pem, server.key   398 days; made anew at a start within 30 days of its end, or when names change
//   DATA/tls/revoked                  see Revocations
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "guard/revocations.hpp"

namespace salus::guard {

struct CertificateNames {
  std::vector<std::string> hosts;      // beside localhost and the machine's own name
  std::vector<std::string> addresses;  // beside 127.0.0.1 and ::1
};

struct IssuedCertificate {
  std::string certificate_pem;
  std::string key_pem;  // empty where the key stayed with the device
  std::string sha256;   // lower-case hex, as in Revocations and Credentials
  Time expires{};
};

struct TlsOptions {
  bool allow_tls12 = false;             // with ephemeral keys and AEAD only, for devices that need it
  bool ask_client_certificate = false;  // a client may show one: of our authority, or self-signed (peer_certificate)
  const Revocations* revocations = nullptr;  // what is in it fails the handshake; outlives the context
};

// Threads: any, after open().
class CertificateAuthority {
 public:
  // Makes what is missing. `now` decides what has run out.
  // Errors: damaged (a file is there and is not what it should be: never replaced), unavailable (cannot write).
  static Result<CertificateAuthority> open(const std::filesystem::path& folder, const CertificateNames& names,
                                           Time now);

  std::filesystem::path ca_file() const { return folder_ / "ca.pem"; }
  std::filesystem::path revocations_file() const { return folder_ / "revoked"; }

  // A client certificate for a device, with a key that is nowhere else. Errors: invalid (id), damaged.
  Result<IssuedCertificate> issue_for_device(std::string_view device_id, nanoseconds life, Time now) const;
  // The same for a key that the device keeps, by its PKCS #10 request in PEM; the name that the request gives itself
  // does not count. Errors: invalid (id, request), damaged.
  Result<IssuedCertificate> sign_for_device(std::string_view device_id, std::string_view request_pem, nanoseconds life,
                                            Time now) const;

  // For a listener: TLS 1.3, named curves only, chains of at most three, no compression, no renegotiation, no
  // resumption across restarts. Errors: damaged.
  Result<std::unique_ptr<boost::asio::ssl::context>> server_context(TlsOptions options) const;

 private:
  explicit CertificateAuthority(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Result<IssuedCertificate> sign(std::string_view device_id, evp_pkey_st* key, nanoseconds life, Time now) const;
  std::filesystem::path folder_;
};

// For Credentials: SHA-256 of a peer's certificate in lower-case hex, and its common name where our authority vouches
// for it; a self-signed certificate has no name. Both empty when the peer showed none. `ssl` is the connection's native
// handle, of a context that asks for client certificates.
struct PeerCertificate {
  std::string sha256;
  std::string common_name;
};
PeerCertificate peer_certificate(ssl_st* ssl);

}  // namespace salus::guard
