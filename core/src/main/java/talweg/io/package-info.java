/** Files that outlive a crash, and the safetensors format. */
package talweg.io;
