/**
 * Durable tasks: taken from clients, kept in the database, given to nodes, tried again, and
 * answered.
 */
package io.muster.hub.task;
