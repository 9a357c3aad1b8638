/* A slave on libmodbus, for the tests of our links: well-behaved, except at some addresses.
 *
 *   slave tcp UNIT            serves on a free port of 127.0.0.1, and prints it
 *   slave rtu UNIT DEVICE     serves on a serial line at 19,200 Bd, 8N1
 *
 * Every register's word is its address; coils and inputs are on at odd addresses. A read at one of these addresses is
 * answered in another way, whatever its count.
 */
#include <errno.h>
#include <modbus.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

enum {
    BUSY = 0x170,        /* exception 6 */
    FOREIGN = 0x171,     /* another unit's reply */
    LATE = 0x172,        /* 0.6 s late */
    DRIP = 0x173,        /* byte by byte, 5 ms apart */
    SHORT = 0x174,       /* one register fewer than asked */
    ASTRAY = 0x175,      /* the reply to another transaction, or a wrong check sum */
    LYING = 0x176,       /* a byte count of 250 */
    OTHER = 0x177,       /* another function */
    FAILED = 0x178,      /* exception 4 */
    UNKNOWN = 0x179,     /* exception 0x7F */
    TWICE = 0x17A,       /* the reply, and once more */
    GONE = 0x17B,        /* hangs up without a word */
};

static int over_tcp;

static uint16_t check_sum(const uint8_t *bytes, int count)
{
    uint16_t sum = 0xFFFF;
    for (int at = 0; at < count; at++) {
        sum ^= bytes[at];
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? (sum >> 1) ^ 0xA001 : sum >> 1;
    }
    return sum;
}

/* The frame of a reply to a request; its length. */
static int framed(uint8_t *frame, const uint8_t *request, int unit, const uint8_t *pdu, int size, int spoilt)
{
    if (over_tcp) {
        memcpy(frame, request, 2);
        if (spoilt)
            frame[1]++;
        frame[2] = frame[3] = frame[4] = 0;
        frame[5] = size + 1;
        frame[6] = unit;
        memcpy(frame + 7, pdu, size);
        return size + 7;
    }
    frame[0] = unit;
    memcpy(frame + 1, pdu, size);
    uint16_t sum = check_sum(frame, size + 1) ^ (spoilt ? 0x0100 : 0);
    frame[size + 1] = sum & 0xFF;
    frame[size + 2] = sum >> 8;
    return size + 3;
}

static void say(int line, const uint8_t *bytes, int count)
{
    if (write(line, bytes, count) != count)
        fprintf(stderr, "slave: %s\n", strerror(errno));
}

/* Answers a read at one of the odd addresses. Returns 0 if the address is none, -1 to hang up. */
static int answered_oddly(int line, const uint8_t *request, int start)
{
    uint8_t frame[300], pdu[260];
    int unit = request[start - 1], function = request[start];
    int address = request[start + 1] << 8 | request[start + 2], count = request[start + 3] << 8 | request[start + 4];
    int spoilt = 0, size;

    if (address < BUSY || address > GONE || function > 4 || count > 125)
        return 0;
    pdu[0] = function;
    pdu[1] = 2 * count;
    for (int at = 0; at < count; at++) {
        pdu[2 + 2 * at] = (address + at) >> 8;
        pdu[3 + 2 * at] = (address + at) & 0xFF;
    }
    size = 2 + 2 * count;
    switch (address) {
    case BUSY: case FAILED: case UNKNOWN:
        pdu[0] |= 0x80;
        pdu[1] = address == BUSY ? 6 : address == FAILED ? 4 : 0x7F;
        size = 2;
        break;
    case FOREIGN: unit++; break;
    case LATE: usleep(600000); break;
    case SHORT: pdu[1] -= 2; size -= 2; break;
    case ASTRAY: spoilt = 1; break;
    case LYING: pdu[1] = 250; break;
    case OTHER: pdu[0] = function ^ 7; break;
    case GONE: return -1;
    }
    size = framed(frame, request, unit, pdu, size, spoilt);
    if (address == DRIP) {
        for (int at = 0; at < size; at++) {
            say(line, frame + at, 1);
            usleep(5000);
        }
        return 1;
    }
    say(line, frame, size);
    if (address == TWICE)
        say(line, frame, size);
    return 1;
}

static void serve(modbus_t *ctx, modbus_mapping_t *map)
{
    uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
    int start = modbus_get_header_length(ctx);

    for (;;) {
        int size = modbus_receive(ctx, request);
        if (size == -1 && (over_tcp || errno != EMBBADCRC)) {
            if (over_tcp)
                return;
            continue;
        }
        if (size <= 0)
            continue;
        int odd = answered_oddly(modbus_get_socket(ctx), request, start);
        if (odd < 0 && over_tcp)
            return;
        if (odd == 0)
            modbus_reply(ctx, request, size, map);
    }
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    over_tcp = strcmp(argv[1], "tcp") == 0;
    modbus_t *ctx = over_tcp ? modbus_new_tcp("127.0.0.1", 0) : modbus_new_rtu(argv[3], 19200, 'N', 8, 1);
    modbus_mapping_t *map = modbus_mapping_new(2048, 2048, 2048, 2048);
    if (ctx == NULL || map == NULL || modbus_set_slave(ctx, atoi(argv[2])) != 0)
        return 3;
    for (int at = 0; at < 2048; at++) {
        map->tab_bits[at] = map->tab_input_bits[at] = at % 2;
        map->tab_registers[at] = map->tab_input_registers[at] = at;
    }
    if (over_tcp) {
        struct sockaddr_in here;
        socklen_t size = sizeof here;
        int listening = modbus_tcp_listen(ctx, 4);
        if (listening < 0 || getsockname(listening, (struct sockaddr *)&here, &size) != 0)
            return 4;
        printf("%d\n", ntohs(here.sin_port));
        fflush(stdout);
        while (modbus_tcp_accept(ctx, &listening) >= 0) {
            serve(ctx, map);
            modbus_close(ctx);
        }
        return 5;
    }
    if (modbus_connect(ctx) != 0)
        return 6;
    printf("ready\n");
    fflush(stdout);
    serve(ctx, map);
    return 0;
}
