#include <stdio.h>

int main(void) {
    puts("convoke");
    return 0;
}
