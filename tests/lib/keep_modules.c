/* Linked into AddressSanitizer builds only. Open MPI unloads its modules before LeakSanitizer looks, which then
 * cannot name them, nor match them with leaks.supp. So nothing is unloaded. */
int dlclose(void *handle);

int dlclose(void *handle)
{
    (void)handle;
    return 0;
}
