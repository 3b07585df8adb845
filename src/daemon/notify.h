/* SPDX-License-Identifier: Apache-2.0 */
/* sd_notify's protocol: a datagram to the socket that NOTIFY_SOCKET names. */
#pragma once

/* Sends "READY=1" or the like. Nothing happens without NOTIFY_SOCKET. Negative errno. */
int notify_send(const char *text);
/* The same with a descriptor, for FDSTORE=1; it stays the caller's. */
int notify_send_fd(const char *text, int fd);
