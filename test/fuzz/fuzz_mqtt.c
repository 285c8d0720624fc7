/* What an MQTT broker says: in one piece and byte by byte it is the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/mqtt/mqtt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned events_of(const uint8_t *data, size_t size, size_t piece)
{
    struct mqtt_reader reader;
    unsigned sum = 0;
    mqtt_reader_init(&reader);
    for (size_t at = 0; at < size;) {
        size_t used, part = size - at < piece ? size - at : piece;
        enum mqtt_event event = mqtt_read(&reader, data + at, part, &used);
        if (event == MQTT_BAD)
            return sum * 31 + MQTT_BAD;
        if (used == 0 || used > part)
            abort();
        if (event == MQTT_MESSAGE)
            sum = sum * 31 + (unsigned)strlen(reader.topic) + reader.empty;
        if (event != MQTT_MORE)
            sum = sum * 31 + (unsigned)event;
        at += used;
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (events_of(data, size, size) != events_of(data, size, 1))
        abort();
    return 0;
}
