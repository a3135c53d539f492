/** When a machine's figures are beyond what is good for it. */
package io.muster.runtime.monitor;
