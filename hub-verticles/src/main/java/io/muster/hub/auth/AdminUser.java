package io.muster.hub.auth;

/**
 * Who administers: the user that a request's token names.
 *
 * @param name as in the audit log
 */
public record AdminUser(String name, Role role) {}
