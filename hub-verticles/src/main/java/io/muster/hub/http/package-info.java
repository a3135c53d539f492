/**
 * The hub's HTTP interface: protocols of clients ⇄ jobs, and the limits that hold for all of them.
 */
package io.muster.hub.http;
