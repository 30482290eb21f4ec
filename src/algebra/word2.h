/* 128 bits: what gcc and clang have for products and carries of words of 64. */
#pragma once

#include <stdint.h>

__extension__ typedef unsigned __int128 Word2;
__extension__ typedef __int128 SignedWord2;
