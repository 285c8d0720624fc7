#include "boards/orange-pi-pc/uart.h"

#include <stdarg.h>
#include <stdio.h>

#include "boards/orange-pi-pc/registers.h"

#define PA_CFG0 0x00
#define BUS_CLK_GATING_REG3 0x06c
#define BUS_SOFT_RST_REG4 0x2d8
#define UART0_BIT 16

#define UART_THR 0x00
#define UART_DLL 0x00
#define UART_DLH 0x04
#define UART_FCR 0x08
#define UART_LCR 0x0c
#define UART_LSR 0x14
#define LCR_DLAB BIT(7)
#define LCR_8N1 3u
#define UART_USR 0x7c
#define USR_TFNF BIT(1) /* the transmit FIFO is not full */
#define LSR_THRE BIT(5)
#define DIVISOR 13 /* 24 MHz / 16 / 115200 */

void uart_start(void)
{
    uint32_t pins = reg_read(PIO + PA_CFG0);
    reg_write(PIO + PA_CFG0, (pins & ~UINT32_C(0x00ff0000)) | 0x00220000); /* PA4, PA5: UART0 */
    bus_open(BUS_CLK_GATING_REG3, BUS_SOFT_RST_REG4, UART0_BIT);
    reg_write(UART0 + UART_LCR, LCR_DLAB | LCR_8N1);
    reg_write(UART0 + UART_DLL, DIVISOR);
    reg_write(UART0 + UART_DLH, 0);
    reg_write(UART0 + UART_LCR, LCR_8N1);
    reg_write(UART0 + UART_FCR, 7); /* FIFOs on, and empty */
}

bool uart_has_room(void)
{
    return (reg_read(UART0 + UART_LSR) & LSR_THRE) != 0 || (reg_read(UART0 + UART_USR) & USR_TFNF) != 0;
}

void uart_put(char c)
{
    while (!uart_has_room())
        ;
    reg_write(UART0 + UART_THR, (uint8_t)c);
}

void uart_write(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n')
            uart_put('\r');
        uart_put(text[i]);
    }
}

void uart_say(const char *format, ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    uart_write(line, len < (int)sizeof line ? (size_t)len : sizeof line - 1);
}
