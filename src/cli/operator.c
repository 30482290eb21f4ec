#include "cli/operator.h"

bool operator_open(const Args *args, Node **ret_node, CvkErr *err) {
    return node_open(args_at(args, 0), (NodeOptions){.serving = false}, ret_node, err);
}

bool operator_open_ceremony(const Args *args, Node **ret_node, Ceremony **ret_ceremony,
                            CvkErr *err) {
    Node *node;
    if (!operator_open(args, &node, err))
        return false;
    if (!node_ceremony(node, args_text(args, "ceremony"), ret_ceremony, err)) {
        node_close(node);
        return false;
    }
    *ret_node = node;
    return true;
}
