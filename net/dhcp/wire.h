/* wire.h - numbers in network byte order. */
#ifndef STAGEBOX_NET_DHCP_WIRE_H
#define STAGEBOX_NET_DHCP_WIRE_H

#include <stdint.h>

static inline uint16_t wire_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t wire_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void wire_put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void wire_put_u32(uint8_t *at, uint32_t value)
{
    wire_put_u16(at, (uint16_t)(value >> 16));
    wire_put_u16(at + 2, (uint16_t)value);
}

#endif
