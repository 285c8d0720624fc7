#include "boards/orange-pi-pc/machine.h"

#include "boards/orange-pi-pc/registers.h"
#include "boards/orange-pi-pc/timer.h"
#include "net/calendar.h"

#define LOSC_CTRL_REG 0x00
#define RTC_YY_MM_DD_REG 0x10
#define RTC_HH_MM_SS_REG 0x14
#define LOSC_KEY (UINT32_C(0x16aa) << 16) /* a write without it is ignored */
#define LOSC_EXTERNAL BIT(0)
#define HHMMSS_BUSY BIT(8)
#define YYMMDD_BUSY BIT(7)
#define FIRST_YEAR 1970
#define BUSY_US 50000

int64_t rtc_read_ms(void)
{
    uint32_t date, time;
    do {
        date = reg_read(RTC + RTC_YY_MM_DD_REG);
        time = reg_read(RTC + RTC_HH_MM_SS_REG);
    } while (date != reg_read(RTC + RTC_YY_MM_DD_REG)); /* midnight lies between */
    struct calendar c = {.year = FIRST_YEAR + (int)(date >> 16 & 0x3f), .month = (int)(date >> 8 & 15),
                         .day = (int)(date & 31), .hour = (int)(time >> 16 & 31), .minute = (int)(time >> 8 & 63),
                         .second = (int)(time & 63)};
    return c.month < 1 || c.month > 12 || c.day < 1 ? 0 : calendar_seconds(&c) * 1000;
}

static void write_when_free(uint32_t reg, uint32_t value, uint32_t busy)
{
    uint64_t since = timer_us();
    while ((reg_read(RTC + LOSC_CTRL_REG) & busy) != 0 && !timer_over(since, BUSY_US))
        ;
    reg_write(RTC + reg, value);
}

void rtc_write_ms(int64_t unix_ms)
{
    struct calendar c = calendar_of(unix_ms / 1000);
    reg_write(RTC + LOSC_CTRL_REG, LOSC_KEY | LOSC_EXTERNAL);
    write_when_free(RTC_YY_MM_DD_REG, (uint32_t)(c.year - FIRST_YEAR) << 16 | (uint32_t)c.month << 8 | (uint32_t)c.day,
                    YYMMDD_BUSY);
    write_when_free(RTC_HH_MM_SS_REG, (uint32_t)c.hour << 16 | (uint32_t)c.minute << 8 | (uint32_t)c.second, HHMMSS_BUSY);
}
