/* uart.h - the serial port: UART0, 115200 8N1. */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_UART_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_UART_H

#include <stdbool.h>
#include <stddef.h>

void uart_start(void);
/* Whether another character can be put without waiting. */
bool uart_has_room(void);
void uart_put(char c);
/* These wait until all is out. A newline becomes CR LF. */
void uart_write(const char *text, size_t len);
void uart_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
