// Chunks of version 1, and those of version 2 by their header: what chunk.cpp and chunk_builder.cpp share.
#pragma once

#include <span>
#include <string>

#include "series/chunk.hpp"

namespace salus::series {

inline constexpr std::uint8_t version_1 = 1;
inline constexpr std::uint8_t version_2 = 2;

// The first byte of a block of version 1.
namespace block_1 {
inline constexpr std::uint8_t time_goes_on = 0;  // as the cursor says: regular since the block before
inline constexpr std::uint8_t time_regular = 1;  // a new start and period
inline constexpr std::uint8_t time_coded = 2;    // each difference
inline constexpr std::uint8_t time_mask = 3;
inline constexpr std::uint8_t flag_partial = 4;  // fewer than 128 samples: their number follows
}  // namespace block_1

bool matches(const TimeCursor& cursor, std::span<const std::int64_t> times);
void put_times(std::span<const std::int64_t> times, const TimeCursor& declared, std::int64_t before_ns,
               TimeCursor& cursor, std::uint8_t head, std::string& out);

void put_header_1(const ChunkStats& stats, std::string& out);
bool get_header_1(Reader& reader, ChunkStats& stats);
// The blocks behind the header. False when they are not what the header describes.
bool get_blocks_1(Reader& reader, const ChunkStats& stats, Columns& out);

void put_header_2(const ChunkStats& stats, ChunkForm form, std::uint64_t factor, std::string& out);

}  // namespace salus::series
