// The compiled table as bytes of the program. Nothing is installed beside it, and loading is reading memory.
#include "fhir/definitions/embedded.hpp"

__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    "salus_fhir_definitions_begin:\n"
    ".incbin \"" SALUS_FHIR_DEFINITIONS
    "\"\n"
    "salus_fhir_definitions_end:\n"
    ".text\n");

extern "C" const char salus_fhir_definitions_begin[];
extern "C" const char salus_fhir_definitions_end[];

namespace salus::fhir {

ByteView embedded_definitions() {
  return {salus_fhir_definitions_begin,
          static_cast<std::size_t>(salus_fhir_definitions_end - salus_fhir_definitions_begin)};
}

}  // namespace salus::fhir
