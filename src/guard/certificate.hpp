// Keys and certificates over OpenSSL's C interface, owned. Internal to guard.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"

namespace salus::guard {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

Result<Key> make_key();  // EC P-256, as a named curve
Result<std::string> to_pem(EVP_PKEY* key);
Result<std::string> to_pem(X509* certificate);
Result<Key> key_from_pem(std::string_view pem);
Result<Certificate> certificate_from_pem(std::string_view pem);
// The public key of a PKCS #10 request, whose sender has shown that the private key is his. Nothing else of the request
// is taken over. Errors: invalid (no request, a false signature, RSA below 2,048 bits, an explicit curve).
Result<Key> key_from_request(std::string_view pem);
// A curve that is spelled out by its parameters can be made anything (CVE-2020-0601, CVE-2022-0778).
bool has_explicit_curve(EVP_PKEY* key);

enum class Purpose : std::uint8_t { authority, server, client };

struct CertificateRequest {
  Purpose purpose = Purpose::client;
  std::string common_name;
  std::string alternative_names;  // OpenSSL's form: "DNS:localhost,IP:127.0.0.1"; empty: none
  Time from{};
  Time until{};
};
// Signed by `issuer_key`; `issuer` null makes it self-signed.
Result<Certificate> make_certificate(const CertificateRequest& request, EVP_PKEY* key, X509* issuer,
                                     EVP_PKEY* issuer_key);

std::string digest_of(X509* certificate);  // SHA-256, lower-case hex
std::string common_name_of(X509* certificate);
Result<Time> expiry_of(X509* certificate);
std::string alternative_names_of(X509* certificate);  // as OpenSSL prints them, to compare

// The first of OpenSSL's errors, as a sentence; the queue is empty after.
[[nodiscard]] tl::unexpected<Error> openssl_error(std::string_view doing);

}  // namespace salus::guard
