/** This node's own key, kept in a file. */
package io.muster.runtime.identity;
