/**
 * Conversations with a memory: a session's turns in the database, one turn of a session at a time.
 */
package io.muster.hub.chat;
