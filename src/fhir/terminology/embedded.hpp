// R4's own terminology as bytes of the program: 2,398 resources in blocks of gzip, unpacked when first asked for.
//
// The bytes, made by tools/fhir-definitions/terminology.mjs and never stored elsewhere: u32 magic, resources, blocks,
// size of the urls; for each resource six u32: kind, its url's place and size, its block, its place in the unpacked
// block and its size, ascending by kind and url; for each block two u32: place and size; the urls; the blocks.
//
// Threads: any.
#pragma once

#include "fhir/terminology/source.hpp"

namespace salus::fhir::terminology {

class EmbeddedSource final : public Source {
 public:
  static const EmbeddedSource& r4();

  // There is one of each: whether its version is the one that is asked for is the caller's to see.
  std::optional<Place> find(Kind kind, std::string_view url, std::string_view version) const override;
  void each(Kind kind, const std::function<bool(Place)>& visit) const override;
  std::size_t size() const;

 private:
  EmbeddedSource() = default;
};

}  // namespace salus::fhir::terminology
