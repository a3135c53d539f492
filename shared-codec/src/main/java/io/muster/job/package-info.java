/** Jobs on their way to a node, and the frames that come back. */
package io.muster.job;
