/**
 * The database: what was acknowledged is in it. One store a feature sits on top, in its package.
 */
package io.muster.hub.storage;
