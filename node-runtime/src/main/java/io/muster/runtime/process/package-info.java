/** How a process of the fleet starts, stops on a signal, and says why it cannot start. */
package io.muster.runtime.process;
