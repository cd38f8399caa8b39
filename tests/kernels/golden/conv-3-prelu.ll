define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <4 x float> poison, float %v2, i64 0
  %v4 = shufflevector <4 x float> %v3, <4 x float> poison, <4 x i32> zeroinitializer
  %v5 = getelementptr float, ptr %post, i64 1
  %v6 = load float, ptr %v5, align 4
  %v7 = insertelement <4 x float> poison, float %v6, i64 0
  %v8 = shufflevector <4 x float> %v7, <4 x float> poison, <4 x i32> zeroinitializer
  %v9 = getelementptr float, ptr %post, i64 2
  %v10 = load float, ptr %v9, align 4
  %v11 = insertelement <4 x float> poison, float %v10, i64 0
  %v12 = shufflevector <4 x float> %v11, <4 x float> poison, <4 x i32> zeroinitializer
  %v13 = getelementptr float, ptr %post, i64 3
  %v14 = load float, ptr %v13, align 4
  %v15 = insertelement <4 x float> poison, float %v14, i64 0
  %v16 = shufflevector <4 x float> %v15, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v17 = icmp sgt i64 %pairs, 0
  br i1 %v17, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %a0_0_1 = phi <4 x float> [%v4, %enter], [%a0_0_1.next, %body]
  %a1_0_0 = phi <4 x float> [%v8, %enter], [%a1_0_0.next, %body]
  %a1_0_1 = phi <4 x float> [%v8, %enter], [%a1_0_1.next, %body]
  call void @llvm.codeview.annotation(metadata !0)
  %v18 = getelementptr float, ptr %wp, i64 0
  %v19 = load float, ptr %v18, align 4
  %v20 = insertelement <4 x float> poison, float %v19, i64 0
  %v21 = shufflevector <4 x float> %v20, <4 x float> poison, <4 x i32> zeroinitializer
  %v22 = getelementptr float, ptr %wp, i64 1
  %v23 = load float, ptr %v22, align 4
  %v24 = insertelement <4 x float> poison, float %v23, i64 0
  %v25 = shufflevector <4 x float> %v24, <4 x float> poison, <4 x i32> zeroinitializer
  %v26 = getelementptr float, ptr %xp, i64 0
  %v27 = load <4 x float>, ptr %v26, align 4
  %v28 = getelementptr float, ptr %xp, i64 4
  %v29 = load <4 x float>, ptr %v28, align 4
  %v30 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v27, <4 x float> %v21, <4 x float> %a0_0_0)
  %v31 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v27, <4 x float> %v25, <4 x float> %a1_0_0)
  %v32 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v29, <4 x float> %v21, <4 x float> %a0_0_1)
  %v33 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v29, <4 x float> %v25, <4 x float> %a1_0_1)
  call void @llvm.codeview.annotation(metadata !0)
  %v34 = getelementptr float, ptr %wp, i64 2
  %v35 = load float, ptr %v34, align 4
  %v36 = insertelement <4 x float> poison, float %v35, i64 0
  %v37 = shufflevector <4 x float> %v36, <4 x float> poison, <4 x i32> zeroinitializer
  %v38 = getelementptr float, ptr %wp, i64 3
  %v39 = load float, ptr %v38, align 4
  %v40 = insertelement <4 x float> poison, float %v39, i64 0
  %v41 = shufflevector <4 x float> %v40, <4 x float> poison, <4 x i32> zeroinitializer
  %v42 = getelementptr float, ptr %xp, i64 1
  %v43 = load <4 x float>, ptr %v42, align 4
  %v44 = getelementptr float, ptr %xp, i64 5
  %v45 = load <4 x float>, ptr %v44, align 4
  %v46 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v43, <4 x float> %v37, <4 x float> %v30)
  %v47 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v43, <4 x float> %v41, <4 x float> %v31)
  %v48 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v45, <4 x float> %v37, <4 x float> %v32)
  %v49 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v45, <4 x float> %v41, <4 x float> %v33)
  call void @llvm.codeview.annotation(metadata !0)
  %v50 = getelementptr float, ptr %wp, i64 4
  %v51 = load float, ptr %v50, align 4
  %v52 = insertelement <4 x float> poison, float %v51, i64 0
  %v53 = shufflevector <4 x float> %v52, <4 x float> poison, <4 x i32> zeroinitializer
  %v54 = getelementptr float, ptr %wp, i64 5
  %v55 = load float, ptr %v54, align 4
  %v56 = insertelement <4 x float> poison, float %v55, i64 0
  %v57 = shufflevector <4 x float> %v56, <4 x float> poison, <4 x i32> zeroinitializer
  %v58 = getelementptr float, ptr %xp, i64 2
  %v59 = load <4 x float>, ptr %v58, align 4
  %v60 = getelementptr float, ptr %xp, i64 6
  %v61 = load <4 x float>, ptr %v60, align 4
  %v62 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v59, <4 x float> %v53, <4 x float> %v46)
  %v63 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v59, <4 x float> %v57, <4 x float> %v47)
  %v64 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v61, <4 x float> %v53, <4 x float> %v48)
  %v65 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v61, <4 x float> %v57, <4 x float> %v49)
  %a0_0_0.next = bitcast <4 x float> %v62 to <4 x float>
  %a0_0_1.next = bitcast <4 x float> %v64 to <4 x float>
  %a1_0_0.next = bitcast <4 x float> %v63 to <4 x float>
  %a1_0_1.next = bitcast <4 x float> %v65 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 6
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v66 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v67 = phi <4 x float> [%v4, %enter], [%a0_0_1.next, %body]
  %v68 = phi <4 x float> [%v8, %enter], [%a1_0_0.next, %body]
  %v69 = phi <4 x float> [%v8, %enter], [%a1_0_1.next, %body]
  %v70 = fcmp olt <4 x float> %v66, zeroinitializer
  %v71 = fmul <4 x float> %v66, %v12
  %v72 = select <4 x i1> %v70, <4 x float> %v71, <4 x float> %v66
  %v73 = fcmp olt <4 x float> %v67, zeroinitializer
  %v74 = fmul <4 x float> %v67, %v12
  %v75 = select <4 x i1> %v73, <4 x float> %v74, <4 x float> %v67
  %v76 = fcmp olt <4 x float> %v68, zeroinitializer
  %v77 = fmul <4 x float> %v68, %v16
  %v78 = select <4 x i1> %v76, <4 x float> %v77, <4 x float> %v68
  %v79 = fcmp olt <4 x float> %v69, zeroinitializer
  %v80 = fmul <4 x float> %v69, %v16
  %v81 = select <4 x i1> %v79, <4 x float> %v80, <4 x float> %v69
  %v82 = mul i64 %y_channel, 0
  %v83 = getelementptr float, ptr %y, i64 %v82
  %v84 = mul i64 %y_channel, 1
  %v85 = getelementptr float, ptr %y, i64 %v84
  %v86 = icmp sle i64 %low, 0
  %v87 = icmp sge i64 %high, 8
  %v88 = and i1 %v86, %v87
  br i1 %v88, label %plain, label %masked
plain:
  %v89 = getelementptr float, ptr %v83, i64 0
  store <4 x float> %v72, ptr %v89, align 4
  %v90 = getelementptr float, ptr %v83, i64 4
  store <4 x float> %v75, ptr %v90, align 4
  %v91 = getelementptr float, ptr %v85, i64 0
  store <4 x float> %v78, ptr %v91, align 4
  %v92 = getelementptr float, ptr %v85, i64 4
  store <4 x float> %v81, ptr %v92, align 4
  br label %end
masked:
  %v93 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v94 = shufflevector <4 x i64> %v93, <4 x i64> poison, <4 x i32> zeroinitializer
  %v95 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v94
  %v96 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v97 = shufflevector <4 x i64> %v96, <4 x i64> poison, <4 x i32> zeroinitializer
  %v98 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v97
  %v99 = and <4 x i1> %v95, %v98
  %v100 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v101 = shufflevector <4 x i64> %v100, <4 x i64> poison, <4 x i32> zeroinitializer
  %v102 = icmp sge <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v101
  %v103 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v104 = shufflevector <4 x i64> %v103, <4 x i64> poison, <4 x i32> zeroinitializer
  %v105 = icmp slt <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v104
  %v106 = and <4 x i1> %v102, %v105
  %v107 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v108 = shufflevector <4 x i64> %v107, <4 x i64> poison, <4 x i32> zeroinitializer
  %v109 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v108
  %v110 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v111 = shufflevector <4 x i64> %v110, <4 x i64> poison, <4 x i32> zeroinitializer
  %v112 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v111
  %v113 = and <4 x i1> %v109, %v112
  %v114 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v115 = shufflevector <4 x i64> %v114, <4 x i64> poison, <4 x i32> zeroinitializer
  %v116 = icmp sge <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v115
  %v117 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v118 = shufflevector <4 x i64> %v117, <4 x i64> poison, <4 x i32> zeroinitializer
  %v119 = icmp slt <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v118
  %v120 = and <4 x i1> %v116, %v119
  %v121 = getelementptr float, ptr %v83, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v72, ptr %v121, i32 4, <4 x i1> %v113)
  %v122 = getelementptr float, ptr %v83, i64 4
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v75, ptr %v122, i32 4, <4 x i1> %v120)
  %v123 = getelementptr float, ptr %v85, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v78, ptr %v123, i32 4, <4 x i1> %v113)
  %v124 = getelementptr float, ptr %v85, i64 4
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v81, ptr %v124, i32 4, <4 x i1> %v120)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
!0 = !{!""}
