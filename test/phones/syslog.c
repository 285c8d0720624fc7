#include "phone.h"

#include "mem.h"
#include "sim.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool destination(const char *server, struct sockaddr_in *out)
{
    struct url u;
    uint32_t ip;
    if (server[0] == '\0' || !url_parse(server, &u) || !ip_parse(u.host, strlen(u.host), &ip))
        return false;
    uint16_t port = strchr(server, ':') ? u.port : 514;
    *out = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};
    return true;
}

/* field-notes: host name SEP….local, facility local3; 158 is local3.info. */
static void frame(const struct phone *p, const char *text, char *out, size_t size)
{
    struct mac_text mac = mac_upper(&p->station.mac);
    switch (p->quirks.value[QUIRK_SYSLOG]) {
    case SYSLOG_PRI: snprintf(out, size, "<158>%s", text); break;
    case SYSLOG_RFC3164: snprintf(out, size, "<158>Jan  1 00:00:07 SEP%s.local %s", mac.s, text); break;
    default: snprintf(out, size, "%s", text); break;
    }
}

void syslog_say(struct phone *p, const char *template_name, const struct url *url, uint32_t ip, const char *error)
{
    const char *template = params_get(p->params, template_name);
    struct macro_context context = {.phone = p, .url = url, .ip = ip, .error = error};
    char text[900], packet[1000];
    struct sockaddr_in to;
    if (template[0] == '\0' || p->station.ip == 0 || !destination(params_get(p->params, "Syslog_Server"), &to))
        return;
    if (ip == 0)
        context.ip = p->lease.siaddr;
    rule_expand(template, ask_macro, &context, text, sizeof text);
    frame(p, text, packet, sizeof packet);
    int fd = station_udp(&p->station);
    if (fd < 0)
        return;
    ssize_t n = sendto(fd, packet, strlen(packet), 0, (struct sockaddr *)&to, sizeof to);
    (void)n;
    close(fd);
}
